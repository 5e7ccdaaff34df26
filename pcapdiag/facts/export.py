"""Answers as files for other programs: Apache Parquet, written by DuckDB in a database of its own.

The database with the tables is locked and cannot write files.
"""

import tempfile
from pathlib import Path

import numpy as np

from pcapdiag.facts.database import Answer


def parquet(answer: Answer) -> bytes:
    """Return the answer as a Parquet file with the column types of the database.

    What Parquet has no type for is as DuckDB writes it: HUGEINT as DOUBLE, UNION as a structure; not-a-number
    becomes NULL.
    """
    import duckdb

    values = list(zip(*answer.rows, strict=True)) or [()] * len(answer.columns)
    arrays = {
        f"c{number}": np.fromiter(column, dtype=object, count=len(column))
        for number, column in enumerate(values)
    }
    columns = ", ".join(
        f"cast(c{number} as {type_}) as {_name(name)}"
        for number, (name, type_) in enumerate(
            zip(_unique(answer.columns), answer.types, strict=True)
        )
    )
    with tempfile.TemporaryDirectory(prefix="pcapdiag-") as folder:
        file = Path(folder, "rows.parquet")
        connection = duckdb.connect(":memory:", config={"threads": 1})
        try:
            # Every value has its say about the type: a column may begin with a thousand unknown ones.
            connection.execute(f"set global pandas_analyze_sample = {max(len(answer.rows), 1)}")
            connection.register("answer", arrays)
            connection.execute(
                f"copy (select {columns} from answer) to {_text(str(file))} (format parquet)"
            )
        finally:
            connection.close()
        return file.read_bytes()


def _unique(names: tuple[str, ...]) -> list[str]:
    """Number repeated names: a file's columns must be told apart."""
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return unique


def _name(name: str) -> str:
    quoted = name.replace('"', '""')
    return f'"{quoted}"'


def _text(text: str) -> str:
    quoted = text.replace("'", "''")
    return f"'{quoted}'"
