"""Pair front and back flows: one kind of evidence a file, then the assignment."""

from pcapdiag.sessions.analysis import pair
from pcapdiag.sessions.one_capture import joined, joins

__all__ = ["joined", "joins", "pair"]
