"""Answers as files for other programs: Apache Parquet, written by DuckDB in a database of its own.

The database with the tables is locked and cannot write files; the rows go through a CSV file instead,
whose cells are quoted (RFC 4180) so that text from the wire stays text.
"""

import csv
import tempfile
from pathlib import Path

from pcapdiag.facts.database import Answer

NULL = "\\N"


def parquet(answer: Answer) -> bytes:
    """Return the answer as a Parquet file with the column types of the database."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="pcapdiag-") as folder:
        rows, file = Path(folder, "rows.csv"), Path(folder, "rows.parquet")
        with rows.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
            writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
            writer.writerows([NULL if v is None else v for v in row] for row in answer.rows)
        names = _unique(answer.columns)
        columns = ", ".join(
            f"{_text(name)}: {_text(type_)}"
            for name, type_ in zip(names, answer.types, strict=True)
        )
        connection = duckdb.connect(":memory:", config={"threads": 1})
        try:
            connection.execute(
                f"copy (select * from read_csv({_text(str(rows))}, header = false, delim = ',', "
                f"quote = '\"', escape = '\"', nullstr = '{NULL}', auto_detect = false, "
                f"max_line_size = 100000000, strict_mode = false, parallel = false, "
                f"columns = {{{columns}}})) to {_text(str(file))} (format parquet)"
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


def _text(text: str) -> str:
    quoted = text.replace("'", "''")
    return f"'{quoted}'"
