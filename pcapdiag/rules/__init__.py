"""Load, check and evaluate the rules; the rules themselves are YAML files."""
