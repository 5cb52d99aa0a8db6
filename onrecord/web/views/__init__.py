"""What each page shows, as plain values gathered from the record: the same for the page, its JSON and its CSV."""

from onrecord.web.views.common import View

__all__ = ["View"]
