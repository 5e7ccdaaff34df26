"""What a column of a table is: name, SQL type, meaning, unit."""

from dataclasses import dataclass

BIGINT, VARCHAR, BOOLEAN, DOUBLE = "BIGINT", "VARCHAR", "BOOLEAN", "DOUBLE"


@dataclass(frozen=True)
class Column:
    """One column."""

    name: str
    type: str
    """SQL type."""
    meaning: str
    unit: str = ""
    """Empty: a plain count, number or word."""


@dataclass(frozen=True)
class Table:
    """One table."""

    name: str
    meaning: str
    columns: tuple[Column, ...]


def count(name: str, meaning: str) -> Column:
    """Return a column of whole numbers without a unit."""
    return Column(name, BIGINT, meaning)


def time(name: str, meaning: str) -> Column:
    """Return a column of nanoseconds."""
    return Column(name, BIGINT, meaning, "ns")


def text(name: str, meaning: str) -> Column:
    """Return a column of words, addresses or names."""
    return Column(name, VARCHAR, meaning)


def true(name: str, meaning: str) -> Column:
    """Return a column that is true or false."""
    return Column(name, BOOLEAN, meaning)
