"""The tables that rules and queries read: one documented vocabulary.

The room's contract: :func:`build` makes the tables of one analysis; TABLES documents them.
"""

from pcapdiag.facts.build import build
from pcapdiag.facts.columns import Column, Table
from pcapdiag.facts.database import Answer, QueryError, opening
from pcapdiag.facts.source import Source
from pcapdiag.facts.tables import Published, Tables
from pcapdiag.facts.vocabulary import TABLES

__all__ = [
    "TABLES",
    "Answer",
    "Column",
    "Published",
    "QueryError",
    "Source",
    "Table",
    "Tables",
    "build",
    "opening",
]
