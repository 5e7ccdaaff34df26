"""What the first bytes of a stream say: one protocol a file."""
