"""The tables of one analysis: columns on demand, and a locked database that can be asked about them."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pcapdiag.facts import database
from pcapdiag.facts.addresses import AddressBook
from pcapdiag.facts.raw import frames_of_events
from pcapdiag.facts.source import Source
from pcapdiag.facts.vocabulary import TABLES, table_named
from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import Traffic

if TYPE_CHECKING:
    import duckdb


MOST_COPIED: Final = 20_000_000
"""Values that the database is given of its own: 8 octets each, text twice that and more."""


@dataclass(frozen=True)
class Rows:
    """One row a back of a session (or a session without backs): positions in the tables; -1: none."""

    session: Ints
    front: Ints
    """Position among all records, as `hop` counts them in its column `record`."""
    back: Ints
    vip: Ints
    server: Ints
    capture: Ints
    client: Ints
    """Number of the client's address."""


@dataclass(frozen=True)
class Tables:
    """The tables of one analysis."""

    connection: "duckdb.DuckDBPyConnection"
    traffic: Traffic
    book: AddressBook
    sources: Mapping[str, Source]
    """By name of the vocabulary, and `record`: all records, hops and whole connections alike."""
    rows: Rows

    def query(
        self,
        statement: str,
        parameters: Sequence[Any] = (),
        seconds: float = database.TIME_LIMIT_S,
        most_rows: int | None = None,
    ) -> database.Answer:
        """Run one read-only statement in bounded time; raises :class:`database.QueryError`.

        Tables become known when they are named, so SHOW TABLES is answered from the vocabulary.
        """
        if _SHOW_TABLES.fullmatch(statement):
            names = [(table.name, table.meaning) for table in TABLES]
            return database.Answer(("name", "meaning"), ("VARCHAR", "VARCHAR"), [*names])
        for table in TABLES:
            if re.search(rf"\b{table.name}\b", statement, re.IGNORECASE):
                columns = {column.name for column in table.columns}
                published = Published(table.name, self.sources[table.name], columns)
                self.publish(table.name, {"": published}, copied=False)
        return self.ask(statement, parameters, seconds, most_rows)

    def ask(
        self,
        statement: str,
        parameters: Sequence[Any] = (),
        seconds: float = database.TIME_LIMIT_S,
        most_rows: int | None = None,
    ) -> database.Answer:
        """Do the same with what :meth:`publish` made known before."""
        return database.run(self.connection, statement, parameters, seconds, most_rows)

    def arrays(
        self, statement: str, parameters: Sequence[Any], seconds: float
    ) -> dict[str, NDArray[Any]]:
        """Do the same as :meth:`ask`; return columns, where NULL is masked."""
        return database.run_for_arrays(self.connection, statement, parameters, seconds)

    def publish(self, name: str, tables: Mapping[str, "Published"], copied: bool = True) -> None:
        """Make columns of tables known to the database as one table; unknown becomes NULL.

        `tables` are put side by side under a prefix each, row by row.  What is not `copied` is worked out
        anew in each statement: better for a single one that names few columns, and the only way for
        what does not fit into the database's memory.
        """
        arrays, shown = dict[str, NDArray[Any]](), list[str]()
        for prefix, published in tables.items():
            for column in table_named(published.table).columns:
                if column.name in published.columns:
                    full = prefix + column.name
                    arrays[full], known = _known(published.source.column(column.name), column.type)
                    quoted = f'"{full}"'
                    shown.append(f"{known.format(quoted)} as {quoted}" if known else quoted)
        if "" not in tables:
            arrays["row"] = np.arange(len(next(iter(arrays.values()))))
            shown.append("row")
        self.connection.register(f"_{name}", arrays)
        cells = sum(len(values) for values in arrays.values())
        # Not `* replace (…)`: that compares every column with every one replaced.
        rows = f'select {", ".join(shown)} from "_{name}"'
        if copied and cells <= MOST_COPIED:
            self.connection.execute(f'create or replace temp table "_{name}_copied" as {rows}')
            rows = f'from "_{name}_copied"'
        self.connection.execute(f'create or replace temp view "{name}" as {rows}')

    def frames_of_events(self, record: int, kind: str, direction: str, limit: int) -> list[int]:
        """Return the frames of one leg's first events of a kind; an empty direction means both."""
        return frames_of_events(self.traffic, record, kind, direction, limit)


@dataclass(frozen=True)
class Published:
    """Columns of a table of the vocabulary that the database is to know."""

    table: str
    source: Source
    columns: Collection[str]


_SHOW_TABLES = re.compile(r"\s*show\s+(all\s+)?tables\s*;?\s*", re.IGNORECASE)

_TYPES = {"BIGINT": np.int64, "DOUBLE": np.float64, "BOOLEAN": np.bool_}


def _known(values: NDArray[Any], type_: str) -> tuple[NDArray[Any], str]:
    """Return a column as the database takes it, and the expression that makes unknown NULL; "": none is.

    Not masked arrays: their module takes longer to load than all rules to be asked.
    """
    if type_ == "VARCHAR":
        # A column of nothing but unknown text would have no type.
        return values, "cast(nullif({}, '') as VARCHAR)"
    if type_ == "BOOLEAN":
        if ((values != 0) & (values != 1)).any():
            return values.astype(np.int64), "case {} when 1 then true when 0 then false end"
    elif (values == -1).any():
        return values.astype(_TYPES[type_], copy=False), "nullif({}, -1)"
    return values.astype(_TYPES[type_], copy=False), ""
