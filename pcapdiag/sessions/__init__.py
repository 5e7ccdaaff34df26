"""Pair front and back flows: one kind of evidence a file, then the assignment."""
