"""The in-process database, locked so that a rule pack or query can neither read nor change anything.

Source: DuckDB's guide "Securing DuckDB"; every setting below is final once the configuration is locked.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from pcapdiag.beside import beside

if TYPE_CHECKING:
    from concurrent.futures import Future

    import duckdb

MEMORY_LIMIT = "512MB"
THREADS = 2
TIME_LIMIT_S = 10.0
"""Longest that one statement may run."""


class QueryError(Exception):
    """A statement that is not allowed, wrong, or took too long; the message is for its author."""


@dataclass(frozen=True)
class Answer:
    """Rows of one statement."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    """SQL type names."""
    rows: list[tuple[Any, ...]]


def connect() -> "duckdb.DuckDBPyConnection":
    """Open an empty database in memory, not locked yet."""
    connection: duckdb.DuckDBPyConnection = _engine().connect(
        ":memory:",
        config={
            "threads": THREADS,
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
        },
    )
    return connection


def opening() -> "Future[duckdb.DuckDBPyConnection]":
    """Begin to :func:`connect`, which leaves the interpreter alone for some forty milliseconds."""
    return beside(connect)


@cache
def _engine() -> ModuleType:
    """Return DuckDB without its Python part: that takes longer to load than most captures to be judged."""
    try:
        return import_module("_duckdb")
    except ImportError:  # It is nowhere promised to be there.
        return import_module("duckdb")


def lock(connection: "duckdb.DuckDBPyConnection") -> None:
    """Forbid files, network, extensions and every later change of this; times are shown in UTC."""
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def run(
    connection: "duckdb.DuckDBPyConnection",
    statement: str,
    parameters: Sequence[Any] = (),
    seconds: float = TIME_LIMIT_S,
    most_rows: int | None = None,
) -> Answer:
    """Run one SELECT in bounded time; raises QueryError.

    More than `most_rows` rows are cut off.
    """
    with _bounded(connection, statement, seconds) as parsed:
        connection.execute(parsed, list(parameters))
        rows = connection.fetchall() if most_rows is None else connection.fetchmany(most_rows)
        described = connection.description or []
    names = tuple(str(column[0]) for column in described)
    return Answer(names, tuple(str(column[1]) for column in described), rows)


def run_for_arrays(
    connection: "duckdb.DuckDBPyConnection",
    statement: str,
    parameters: Sequence[Any],
    seconds: float,
) -> dict[str, NDArray[Any]]:
    """Run one SELECT in bounded time and return its columns; raises QueryError."""
    with _bounded(connection, statement, seconds) as parsed:
        connection.execute(parsed, list(parameters))
        return dict(connection.fetchnumpy())


@contextmanager
def _bounded(
    connection: "duckdb.DuckDBPyConnection", statement: str, seconds: float
) -> Iterator["duckdb.Statement"]:
    parsed = _only_one_select(connection, statement)
    # Not a cursor: that is another connection, which does not see the arrays behind the views.
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield parsed
    except _engine().InterruptException as error:
        raise QueryError(f"stopped after {seconds:g} s") from error
    except _engine().Error as error:
        raise QueryError(_first_lines(str(error))) from error
    finally:
        timer.cancel()
        # A thread that still ends would keep the connection past the interpreter's own end.
        timer.join()


def _only_one_select(connection: "duckdb.DuckDBPyConnection", statement: str) -> "duckdb.Statement":
    try:
        statements = connection.extract_statements(statement)
    except _engine().Error as error:
        raise QueryError(_first_lines(str(error))) from error
    if len(statements) != 1:
        raise QueryError(f"one statement is allowed, not {len(statements)}")
    kind = statements[0].type
    if kind != _engine().StatementType.SELECT:
        raise QueryError(f"only SELECT is allowed, not {kind.name}")
    return statements[0]


def _first_lines(message: str) -> str:
    """Return what the database says without its drawing of the statement."""
    return message.split("\n\nLINE ")[0].strip().removesuffix("\n")
