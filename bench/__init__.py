"""The scorecard: onrecord measured against gold that others annotated, beside a peer on the same items."""
