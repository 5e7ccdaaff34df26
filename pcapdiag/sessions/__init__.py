"""Pair front and back flows: one kind of evidence a file, then the assignment."""

from pcapdiag.sessions.analysis import pair

__all__ = ["pair"]
