"""One frozen Report value, and one file a format that renders it."""
