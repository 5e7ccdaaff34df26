"""`pcapdiag facts`: what rules and queries may ask for."""

from typing import TYPE_CHECKING

import click

from pcapdiag.cli.trouble import Trouble
from pcapdiag.report.words import meant

if TYPE_CHECKING:
    from pcapdiag.facts.columns import Table

WIDTH = 100


@click.command(short_help="List the tables and columns that rules and queries may use.")
@click.argument("table", required=False)
def facts(table: str | None) -> None:
    """List the tables that rules and queries may use, or the columns of one TABLE."""
    from pcapdiag.facts.vocabulary import TABLES

    if table is None:
        width = max(len(each.name) for each in TABLES)
        for each in TABLES:
            _entry(each.name, width, each.meaning)
        click.echo("\nThe columns of one: pcapdiag facts TABLE")
        return
    found = next((each for each in TABLES if each.name == table), None)
    if found is None:
        names = [each.name for each in TABLES]
        raise Trouble(
            f"no table is named {table}{meant(table, names) or '.'} There are {', '.join(names)}."
        )
    _columns(found)


def _columns(table: "Table") -> None:
    click.echo(f"{table.name}: {table.meaning}.\nNULL is not seen, or does not apply.\n")
    names = [f"{column.name} {column.type.lower()}" for column in table.columns]
    width = min(max(map(len, names)), 44)
    for name, column in zip(names, table.columns, strict=True):
        unit = f" [{column.unit}]" if column.unit else ""
        _entry(name, width, column.meaning + unit)


def _entry(name: str, width: int, meaning: str) -> None:
    from textwrap import wrap

    first, *rest = wrap(meaning, WIDTH - width - 2) or [""]
    click.echo(f"{name:{width}}  {first}")
    for line in rest:
        click.echo(f"{'':{width}}  {line}")
