"""The tables that rules and queries read: one documented vocabulary."""
