"""The wide tables `flow`, `hop` and `back`: made for those who ask, column by column for the rules.

To plan a statement over 150 computed columns takes longer than to run it, so nobody pays for columns
that nobody names.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from pcapdiag.facts.raw import known
from pcapdiag.facts.vocabulary import Column, table_named

if TYPE_CHECKING:
    import duckdb

_ROWS = {
    "flow": "_flow f where f.hop = -1",
    "hop": "_flow f where f.hop >= 0 or f._first_hop < 0",
    "back": "_own o join _flow f on f.record = o.record",
}


def select(name: str, columns: Collection[str]) -> str:
    """Return a SELECT of some columns of any table of the vocabulary, in the vocabulary's order."""
    chosen = [column for column in table_named(name).columns if column.name in columns]
    if name not in _ROWS:
        listed = ", ".join(f'"{column.name}"' for column in chosen)
        return f'select {listed} from "{name}"'
    return f"select {_list(name, chosen)} from {_ROWS[name]}"


def publish_wide(connection: "duckdb.DuckDBPyConnection") -> None:
    """Make the views `flow`, `hop` and `back`, unless they are there already."""
    there = "select count(*) from duckdb_views() where view_name = 'back'"
    found = connection.execute(there).fetchone()
    if found and found[0]:
        return
    for name, rows in _ROWS.items():
        chosen = _list(name, list(table_named(name).columns))
        connection.execute(f'create view "{name}" as select {chosen} from {rows}')


def _list(name: str, columns: list[Column]) -> str:
    measured = {column.name for column in table_named("hop").columns}
    parts = [known([column], "f." if column.name in measured else "o.") for column in columns]
    return ", ".join(parts)
