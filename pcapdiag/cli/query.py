"""`pcapdiag query`: one read-only SQL statement over the tables of captures."""

import csv
import io
import json
import math
from typing import TYPE_CHECKING, Any

import click

from pcapdiag.cli.choices import settings_options, time_limit
from pcapdiag.cli.output import choose_format, output_option, write
from pcapdiag.cli.progress import progress_bar
from pcapdiag.cli.trouble import Trouble, tell_left_out, troubles
from pcapdiag.report.words import safe
from pcapdiag.settings import Settings

if TYPE_CHECKING:
    from pcapdiag.facts import Answer

FORMATS = {".txt": "table", ".csv": "csv", ".json": "json", ".parquet": "parquet"}
CELL = 60
"""Widest cell of a table, columns."""


@click.command(short_help="Run one SQL statement over the tables of captures.")
@click.argument(
    "files", metavar="FILE... SQL", nargs=-1, required=True, type=click.Path(allow_dash=True)
)
@settings_options
@click.option(
    "--format",
    "named_format",
    type=click.Choice(list(FORMATS.values())),
    help="Output format.  [default: by the suffix of -o, else table]",
)
@output_option
@time_limit(60.0, "Stop a statement that takes longer.")
def query(
    files: tuple[str, ...],
    settings: Settings,
    named_format: str | None,
    output: str | None,
    time_limit: float,
) -> None:
    """Run one SQL statement over the tables of captures.

    The last argument is a SELECT in DuckDB's SQL; `pcapdiag facts` lists the tables.  The balancer's
    health checks are sessions, too.

    \b
    pcapdiag query lb.pcap "
      select mode, outcome, count(*) from session where not health_check group by all"
    """  # noqa: D301 - click looks for the character itself
    *captures, statement = files
    if not captures:
        raise click.UsageError("Name at least one FILE before the SQL statement.")
    chosen = choose_format(named_format, output, FORMATS, usual="table")
    with troubles(), progress_bar() as progress:
        from pcapdiag.facts import QueryError
        from pcapdiag.pipeline import tables_of

        tables, limits = tables_of(captures, settings, progress)
        tell_left_out(limits)
        try:
            answer = tables.query(statement, seconds=time_limit)
        except QueryError as error:
            raise Trouble(_said(str(error))) from error
    write(_rendered(answer, chosen), output)


def _said(error: str) -> str:
    """Return what the database says of a statement, and where the names it may use are listed."""
    if error.startswith("Catalog Error"):
        # What the database believes was meant are tables of its own.
        error = error.split("\n")[0]
    elif not error.startswith("Binder Error"):
        return f"SQL: {error}"
    return f"SQL: {error}\nThe tables and their columns: pcapdiag facts [TABLE]"


def _rendered(answer: "Answer", chosen: str) -> str | bytes:
    if chosen == "parquet":
        from pcapdiag.facts.export import parquet

        return parquet(answer)
    return {"table": table, "csv": as_csv, "json": as_json}[chosen](answer)


def table(answer: "Answer") -> str:
    """Return the rows in columns; numbers to the right, NULL as a dash."""
    rows = [["-" if value is None else safe(value, CELL) for value in row] for row in answer.rows]
    heads = [safe(name, CELL) for name in answer.columns]
    widths = [max(len(row[n]) for row in [heads, *rows]) for n in range(len(heads))]
    right = [
        bool(answer.rows) and all(isinstance(row[n], int | float | None) for row in answer.rows)
        for n in range(len(heads))
    ]

    def line(cells: list[str]) -> str:
        placed = (
            f"{cell:>{width}}" if to_right else f"{cell:{width}}"
            for cell, width, to_right in zip(cells, widths, right, strict=True)
        )
        return "  ".join(placed).rstrip()

    ruler = "  ".join("-" * width for width in widths)
    count = f"{len(rows)} row" if len(rows) == 1 else f"{len(rows)} rows"
    return "\n".join([line(heads), ruler, *map(line, rows), f"({count})"]) + "\n"


def as_csv(answer: "Answer") -> str:
    """Return CSV with a head line (RFC 4180, lines end in LF); NULL is an empty cell.

    Text that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([_cell(value) for value in row] for row in answer.rows)
    return stream.getvalue()


def as_json(answer: "Answer") -> str:
    """Return a JSON array with one object a row; values JSON does not have become text."""
    rows = [
        {name: _plain(value) for name, value in zip(answer.columns, row, strict=True)}
        for row in answer.rows
    ]
    lines = ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows)
    return f"[\n{lines}\n]\n" if rows else "[]\n"


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return str(value)
