"""The tables that rules and queries read: one documented vocabulary.

The room's contract: :func:`build` makes the tables of one analysis; TABLES documents them.
"""

from pcapdiag.facts.build import Tables, build
from pcapdiag.facts.database import Answer, QueryError
from pcapdiag.facts.vocabulary import TABLES, Column, Table
from pcapdiag.facts.wide import select

__all__ = [
    "TABLES",
    "Answer",
    "Column",
    "QueryError",
    "Table",
    "Tables",
    "build",
    "select",
]
