"""A locked database reads nothing, changes nothing and does not run for long."""

import time
from pathlib import Path

import duckdb
import pytest

from pcapdiag.facts.database import QueryError, connect, lock, run


@pytest.fixture
def locked() -> duckdb.DuckDBPyConnection:
    connection = connect()
    connection.execute("create table session as select 1 as id")
    lock(connection)
    return connection


FORBIDDEN = [
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "select * from '/etc/passwd'",
    "select * from glob('/etc/*')",
    "select * from read_parquet('https://example.org/x.parquet')",
    "copy session to '/tmp/pcapdiag-stolen.csv'",
    "copy session from '/etc/passwd'",
    "attach '/tmp/pcapdiag-stolen.db'",
    "export database '/tmp/pcapdiag-stolen'",
    "install httpfs",
    "load '/tmp/extension.so'",
    "pragma enable_profiling",
    "set enable_external_access = true",
    "set lock_configuration = false",
    "set threads = 64",
    "reset memory_limit",
    "create table mine as select 1",
    "drop table session",
    "delete from session",
    "insert into session values (2)",
    "call pragma_version()",
    "select 1; select 2",
    "select * from values_of_this_process",
    "not sql at all",
    "",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_forbidden_statements_are_refused(
    locked: duckdb.DuckDBPyConnection, statement: str
) -> None:
    with pytest.raises(QueryError):
        run(locked, statement)
    assert run(locked, "select count(*) from session").rows == [(1,)]
    assert not list(Path("/tmp").glob("pcapdiag-stolen*"))


def test_python_variables_are_not_tables(locked: duckdb.DuckDBPyConnection) -> None:
    secrets = {"secret": [1, 2]}
    assert secrets
    with pytest.raises(QueryError):
        run(locked, "select * from secrets")


def test_long_statement_is_stopped(locked: duckdb.DuckDBPyConnection) -> None:
    started = time.monotonic()
    with pytest.raises(QueryError, match="stopped after"):
        run(
            locked,
            "select count(*) from range(10000000) a, range(10000000) b where a.range % 7 = b.range % 11",
            seconds=0.3,
        )
    assert time.monotonic() - started < 5
    assert run(locked, "select 1").rows == [(1,)]


def test_huge_result_does_not_take_all_memory(locked: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(QueryError):
        run(locked, "select list(repeat('x', 1000000)) from range(100000)", seconds=20)


def test_rows_are_cut_and_named(locked: duckdb.DuckDBPyConnection) -> None:
    answer = run(locked, "select range as n, 'a' as t from range(100)", most_rows=3)
    assert (answer.columns, len(answer.rows)) == (("n", "t"), 3)
    assert answer.types == ("BIGINT", "VARCHAR")


def test_parameters_are_values(locked: duckdb.DuckDBPyConnection) -> None:
    hostile = "'; drop table session; --"
    assert run(locked, "select ?", [hostile]).rows == [(hostile,)]
