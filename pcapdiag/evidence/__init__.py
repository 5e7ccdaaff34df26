"""The packets behind a verdict, read again by their offset."""
