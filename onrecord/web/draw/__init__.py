"""Pictures: what stands where, in numbers; the templates `picture_*.svg` draw them, everything escaped."""
