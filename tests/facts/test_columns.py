"""Columns say what the database makes of them."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from pcapdiag.facts import columns, database
from pcapdiag.facts.columns import BIGINT, BOOLEAN, DOUBLE, VARCHAR, Column, count, text, time, true
from pcapdiag.facts.vocabulary import TABLES

VALUES = {
    BIGINT: np.array([2**62], np.int64),
    VARCHAR: np.array(["word"], object),
    BOOLEAN: np.array([True]),
    DOUBLE: np.array([0.5]),
}


@pytest.mark.parametrize(("kind", "values"), VALUES.items())
def test_types_are_the_database_s_own(kind: str, values: object) -> None:
    connection = database.connect()
    connection.register("given", {"x": values})
    described = connection.execute("describe select * from given").fetchall()
    assert [(name, type_) for name, type_, *_ in described] == [("x", kind)]


@pytest.mark.parametrize(
    ("make", "expected"),
    [(count, (BIGINT, "")), (time, (BIGINT, "ns")), (text, (VARCHAR, "")), (true, (BOOLEAN, ""))],
)
def test_a_column_has_the_type_and_unit_of_its_kind(
    make: object, expected: tuple[str, str]
) -> None:
    assert callable(make)
    column = make("name", "meaning")
    assert column == Column("name", expected[0], "meaning", expected[1])


def test_units_stand_in_names() -> None:
    """What is in nanoseconds ends in _ns, and nothing else does."""
    for table in TABLES:
        for column in table.columns:
            name = column.name.removesuffix("_to_responder").removesuffix("_to_initiator")
            assert (column.unit == "ns") == name.endswith("_ns"), f"{table.name}.{column.name}"
            assert column.unit in ("", "ns", "bytes")
            assert column.type in VALUES


def test_columns_do_not_change() -> None:
    column = columns.count("name", "meaning")
    with pytest.raises(FrozenInstanceError):
        column.name = "other"  # type: ignore[misc]
