"""Keys: which values a column holds, which rows share one, and how rows are ordered by them.

Every stage behind the flow table asks these again and again, and numpy's own answers hash, or sort in a
way that the processor cannot do several values at a time.  Plain sorting of whole numbers is five to
twenty times faster, so that a row's number is packed beside its key wherever both fit into 63 bits.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_BITS: Final = 63

_FEW: Final = 16
"""So many comparisons are sooner made than a search in each."""


def distinct(values: Ints) -> Ints:
    """Return the values that occur, ascending."""
    ordered = np.sort(values)
    return ordered[fresh(ordered)]


def union(values: Ints, others: Ints) -> Ints:
    """Return the values that either holds, ascending."""
    return distinct(np.concatenate([values, others]))


def outside(values: Ints, others: Ints) -> Ints:
    """Return the values that the others do not hold, ascending."""
    found = distinct(values)
    return found[~among(found, others)]


def among(values: NDArray[Any], others: NDArray[Any] | Sequence[Any]) -> Bools:
    """Return which values the others hold; both may be words, too."""
    wanted = np.asarray(others)
    found: Bools = np.zeros(values.shape, np.bool_)
    if len(wanted) <= _FEW:
        for each in wanted:
            found |= values == each
        return found
    ordered = np.sort(wanted)
    at = np.searchsorted(ordered, values)
    np.minimum(at, len(ordered) - 1, out=at)
    np.equal(ordered[at], values, out=found)
    return found


def fresh(ordered: Ints) -> Bools:
    """Return which entries of ordered values are the first of their kind."""
    first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


def order(values: Ints, *minor: Ints) -> Ints:
    """Return the rows in ascending order of their values, then of `minor`, then as they come."""
    if minor:
        rows = order(*minor)
        return rows[order(values[rows])]
    count = len(values)
    if not count:
        return np.empty(0, np.int64)
    low, bits = int(values.min()), count.bit_length()
    if (int(values.max()) - low).bit_length() + bits > _BITS:
        return np.argsort(values, kind="stable")
    packed = (values.astype(np.int64) - low) << bits | np.arange(count)
    packed.sort()
    packed &= (1 << bits) - 1
    return packed


def numbers(values: Ints, *more: Ints) -> Ints:
    """Return small numbers from 0, equal where the values of all columns are, in their order."""
    rows, first = _ranked(values, *more)
    number = np.empty(len(rows), np.int64)
    number[rows] = np.cumsum(first) - 1
    return number


def firsts(values: Ints, *more: Ints) -> Ints:
    """Return the first row of each kind that :func:`numbers` counts, in their order."""
    rows, first = _ranked(values, *more)
    return rows[first]


def _ranked(*columns: Ints) -> tuple[Ints, Bools]:
    """Return the rows in order, and which of them begin a new kind."""
    rows = order(*columns)
    first = np.zeros(len(rows), np.bool_)
    for column in columns:
        first |= fresh(column[rows])
    return rows, first


def without(mask: Bools, rows: Ints) -> Ints:
    """Return the rows of a mask but these, ascending."""
    left = mask.copy()
    left[rows] = False
    return np.flatnonzero(left)


def places(ordered: Ints, values: Ints, side: Literal["left", "right"] = "left") -> Ints:
    """Return where among ordered values each of the others belongs, as np.searchsorted does.

    Looking them up in their own order finds most of what it needs in the processor's cache.
    """
    rows = order(values)
    found = np.empty(len(rows), np.int64)
    found[rows] = np.searchsorted(ordered, values[rows], side)
    return found
