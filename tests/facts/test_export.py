"""Parquet files hold what the answer held."""

from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcapdiag.facts.database import Answer, connect, lock, run
from pcapdiag.facts.export import parquet


def read(path: Path, data: bytes) -> tuple[list[str], list[tuple[object, ...]]]:
    path.write_bytes(data)
    found = duckdb.sql(f"select * from '{path}'")
    assert found is not None
    return found.columns, found.fetchall()


def test_types_and_nulls_survive(tmp_path: Path) -> None:
    rows = [(1, "a", None, 0.5, True, [1, 2]), (None, "", "x", None, False, None)]
    types = ("BIGINT", "VARCHAR", "VARCHAR", "DOUBLE", "BOOLEAN", "INTEGER[]")
    answer = Answer(("n", "t", "u", "d", "b", "l"), types, list(rows))
    assert read(tmp_path / "a.parquet", parquet(answer)) == (["n", "t", "u", "d", "b", "l"], rows)


@pytest.mark.parametrize(
    "value",
    [
        "to_timestamp(1e9)", "make_timestamp(1)", "date '2026-11-23'", "date '290000-01-01'",
        "'infinity'::timestamp", "to_years(1000000)", "to_days(3)", "time '10:00'", "uuid()",
        "[1, null]", "['it''s', null, '\"']", "{'a': 1, 'b': [1, 2]}", "map {'x': 1}", "1.25::decimal(6, 2)",
        "'\\xff'::blob", "'a'::enum ('a', 'b')", "18446744073709551615::ubigint", "null", "'\\N'",
        "'101'::bit",
    ],
)  # fmt: skip
def test_every_type_survives(value: str, tmp_path: Path) -> None:
    connection = connect()
    lock(connection)
    answer = run(
        connection, f"select case when range = 1500 then {value} end as v from range(1502)"
    )
    assert read(tmp_path / "a.parquet", parquet(answer)) == (["v"], answer.rows)


def test_no_rows_and_equal_names(tmp_path: Path) -> None:
    answer = Answer(("n", "n"), ("BIGINT", "VARCHAR"), [])
    assert read(tmp_path / "a.parquet", parquet(answer)) == (["n", "n_2"], [])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=5)
)
def test_hostile_text_stays_text(texts: list[str]) -> None:
    from tempfile import TemporaryDirectory

    rows = [(text,) for text in texts]
    with TemporaryDirectory() as folder:
        answer = Answer(('it\'s "x"',), ("VARCHAR",), list(rows))
        assert read(Path(folder, "a.parquet"), parquet(answer))[1] == rows
