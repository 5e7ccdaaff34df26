"""Keys against numpy's own answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pcapdiag.flows import keys

EXTREMES = st.sampled_from([-(2**63), -(2**62), -1, 0, 1, 2**31, 2**62, 2**63 - 1])
VALUES = st.lists(st.integers(-4, 4) | st.integers(0, 2**44) | EXTREMES, max_size=40)


def column(values: list[int]) -> NDArray[np.int64]:
    return np.array(values, np.int64)


@given(VALUES)
def test_distinct_values_ascend(values: list[int]) -> None:
    assert keys.distinct(column(values)).tolist() == sorted(set(values))


@given(VALUES, VALUES)
def test_values_are_among_others(values: list[int], others: list[int]) -> None:
    expected = [value in others for value in values]
    assert keys.among(column(values), column(others)).tolist() == expected
    assert keys.among(column(values), others).tolist() == expected


def test_words_are_among_others() -> None:
    words = np.array([f"word {number}" for number in range(40)])
    assert keys.among(words, ["word 3", "word", ""]).nonzero()[0].tolist() == [3]
    assert keys.among(words, words[5:]).nonzero()[0].tolist() == list(range(5, 40))


def test_each_entry_of_a_table_is_looked_up() -> None:
    table = np.arange(12).reshape(3, 4)
    assert np.array_equal(keys.among(table, [1, 6, 99]), np.isin(table, [1, 6, 99]))


@given(VALUES)
def test_order_is_stable(values: list[int]) -> None:
    assert keys.order(column(values)).tolist() == sorted(range(len(values)), key=values.__getitem__)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint32])
def test_narrow_columns_do_not_overflow(dtype: type[np.integer]) -> None:
    values = np.array([100, 3, 127, 3] * 1000, dtype)
    expected = np.argsort(values, kind="stable")
    assert np.array_equal(keys.order(values.astype(np.int64)), expected)
    assert np.array_equal(keys.order(values), expected)


@given(st.lists(st.tuples(st.integers(-2, 2), EXTREMES, st.integers(0, 3)), max_size=40))
def test_rows_are_ordered_and_numbered_by_all_columns(rows: list[tuple[int, int, int]]) -> None:
    columns = [column([row[place] for row in rows]) for place in range(3)]
    kinds = sorted(set(rows))
    assert keys.order(*columns).tolist() == sorted(range(len(rows)), key=rows.__getitem__)
    assert keys.numbers(*columns).tolist() == [kinds.index(row) for row in rows]
    assert keys.firsts(*columns).tolist() == [rows.index(kind) for kind in kinds]


@given(VALUES, VALUES)
def test_places_are_those_of_searchsorted(ordered: list[int], values: list[int]) -> None:
    where = column(sorted(ordered))
    for side in ("left", "right"):
        expected = np.searchsorted(where, column(values), side)
        assert np.array_equal(keys.places(where, column(values), side), expected)


@given(st.lists(st.booleans(), min_size=1, max_size=20), st.lists(st.integers(0, 19), max_size=9))
def test_rows_are_left_out(mask: list[bool], rows: list[int]) -> None:
    inside = [row for row in rows if row < len(mask)]
    left = keys.without(np.array(mask), column(inside))
    assert left.tolist() == [row for row, is_in in enumerate(mask) if is_in and row not in inside]
