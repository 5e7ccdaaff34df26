"""Columns of a table, each made when somebody asks for it: most statements name a few of a hundred."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.legs import Ints

Pick = Callable[[str, Ints], NDArray[Any]]
"""Returns a column's values at some positions; raises KeyError for a name the table does not have."""


@dataclass(frozen=True)
class Source:
    """The columns of one table; unknown is -1 in numbers, the empty text in text."""

    length: int
    pick: Pick

    def column(self, name: str) -> NDArray[Any]:
        """Return a whole column."""
        return self.pick(name, np.arange(self.length))

    def gather(self, index: Ints) -> "Source":
        """Return the rows at these positions; -1 gives a row where everything is unknown."""

        def pick(name: str, rows: Ints) -> NDArray[Any]:
            return self.pick(name, take(index, rows))

        return Source(len(index), pick)

    def beside(self, other: "Source") -> "Source":
        """Return a table with the columns of both; the other's count where both have one."""

        def pick(name: str, rows: Ints) -> NDArray[Any]:
            try:
                return other.pick(name, rows)
            except KeyError:
                return self.pick(name, rows)

        return Source(self.length, pick)


def of_columns(columns: Mapping[str, NDArray[Any]]) -> Source:
    """Return a source of columns that are made already."""
    length = len(next(iter(columns.values())))
    return Source(length, lambda name, rows: take(columns[name], rows))


class Deferred(Source):
    """A table that is made, as a whole, when one of its columns is asked for."""

    _made: Callable[[], Source]

    def __init__(self, make: Callable[[], Mapping[str, NDArray[Any]]]) -> None:
        made = cache(lambda: of_columns(make()))
        super().__init__(-1, lambda name, rows: made().pick(name, rows))
        object.__setattr__(self, "_made", made)

    def column(self, name: str) -> NDArray[Any]:
        """Return a whole column."""
        return self._made().column(name)


def take(values: NDArray[Any], index: Ints) -> NDArray[Any]:
    """Return the values at these positions; unknown where the position is -1."""
    text = values.dtype == object
    unknown: Any = "" if text else -1
    if not len(values):
        return np.full(len(index), unknown, values.dtype if text else np.int64)
    found = values[index]
    missing = index < 0
    if missing.any():
        # Unsigned and boolean columns have no room for -1.
        found = found if text or found.dtype.kind in "if" else found.astype(np.int64)
        found[missing] = unknown
    return found
