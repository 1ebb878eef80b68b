"""HTTP routes, one file per module."""
