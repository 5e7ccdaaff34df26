"""Columns on demand: rows that are not there, tables put together, and tables that wait."""

import numpy as np
import pytest
from numpy.typing import NDArray

from pcapdiag.facts.source import Deferred, Source, of_columns

TEXTS = np.array(["a", "b", "c"], dtype=object)


def table() -> Source:
    return of_columns({"number": np.array([10, 20, 30], np.uint8), "text": TEXTS})


def test_rows_that_are_not_there_are_unknown() -> None:
    rows = table().gather(np.array([2, -1, 0]))
    assert rows.column("number").tolist() == [30, -1, 10]
    assert rows.column("text").tolist() == ["c", "", "a"]


def test_rows_of_an_empty_table_are_unknown() -> None:
    empty = of_columns({"number": np.empty(0, np.int64), "text": np.empty(0, object)})
    nowhere = empty.gather(np.array([-1, -1]))
    assert nowhere.column("number").tolist() == [-1, -1]
    assert nowhere.column("text").tolist() == ["", ""]


def test_of_two_tables_side_by_side_the_second_counts() -> None:
    other = of_columns({"number": np.array([1, 2, 3])})
    both = table().beside(other)
    assert both.column("number").tolist() == [1, 2, 3]
    assert both.column("text").tolist() == TEXTS.tolist()
    with pytest.raises(KeyError):
        both.column("neither")


def test_a_deferred_table_is_made_once_and_not_before_it_is_asked() -> None:
    made = list[int]()

    def make() -> dict[str, NDArray[np.int64]]:
        made.append(1)
        return {"number": np.array([1, 2])}

    source = Deferred(make)
    assert not made
    assert source.column("number").tolist() == [1, 2]
    assert source.gather(np.array([1, -1])).column("number").tolist() == [2, -1]
    assert len(made) == 1
