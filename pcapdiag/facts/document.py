"""The vocabulary as Markdown: docs/facts.md, and what `pcapdiag facts` prints."""

from pcapdiag.facts.vocabulary import TABLES, Table

_OPENING = """# Facts

Tables that rules and `pcapdiag query` read. NULL is "not seen" or "does not apply", never 0.
Made by `pcapdiag facts`; the source is `pcapdiag/facts/vocabulary.py` (and `pcapdiag/flows/table.py`).

In a rule's conditions `session`, `front` (a `hop`), `back`, `vip`, `server`, `host` and `capture` stand
for one row each.
"""


def describe(table: str | None = None) -> str:
    """Return all tables, or the named one, as Markdown; raises KeyError when there is no such table."""
    if table is None:
        return "\n".join([_OPENING, *map(_section, TABLES)])
    return _section({entry.name: entry for entry in TABLES}[table])


def _section(table: Table) -> str:
    rows = [
        f"| `{column.name}` | {column.type} | {column.unit} | {_cell(column.meaning)} |"
        for column in table.columns
    ]
    return "\n".join(
        [
            f"## `{table.name}`",
            "",
            f"{table.meaning[0].upper()}{table.meaning[1:]}.",
            "",
            "| column | type | unit | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
