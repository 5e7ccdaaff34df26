"""An audit as text, JSON or one self-contained HTML page; for a terminal see :func:`show`."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from textwrap import wrap
from typing import Final

from pcapdiag import __version__
from pcapdiag.audit.model import Audit
from pcapdiag.audit.words import HEADINGS, cells, headline, kind, totals

SCHEMA: Final = "pcapdiag.audit/1"
WIDTH: Final = 100
COLOURS: Final = {
    "error": "red",
    "warning": "yellow",
    "healthy": "green",
    "unclear": "cyan",
    "lost": "magenta",
}


def text(audit: Audit) -> str:
    """Return lines of at most 100 characters, file names apart."""
    lines = [*wrap(headline(audit), WIDTH), ""]
    lines += [f"{count:>6}  {verdict}" for count, verdict in totals(audit)]
    for row in audit.rows:
        file, verdict, certainty, affected, sentence = cells(row)
        said = [verdict, certainty, affected]
        lines += ["", file, f"    {', '.join(word for word in said if word)}"]
        lines += wrap(sentence, WIDTH, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines).rstrip("\n") + "\n"


def as_json(audit: Audit) -> str:
    """Return the audit as JSON: ``schema``, ``tool``, ``totals`` by verdict and ``captures``."""
    value = {
        "schema": SCHEMA,
        "tool": {"name": "pcapdiag", "version": __version__},
        "totals": dict(audit.totals),
        "captures": [asdict(row) for row in audit.rows],
    }
    return json.dumps(value, indent=1) + "\n"


def html(audit: Audit) -> str:
    """Return one page that loads nothing from anywhere."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page = environment.from_string(Path(__file__).with_name("page.html").read_text("utf-8"))
    rows = [{"kind": kind(row), "cells": cells(row)} for row in audit.rows]
    return page.render(
        headline=headline(audit),
        totals=totals(audit),
        headings=HEADINGS,
        rows=rows,
        version=__version__,
    )


def show(audit: Audit) -> None:
    """Print the audit in colour on the terminal: a line a capture, and what is wrong below it."""
    from rich.cells import cell_len
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    console.print(Text(headline(audit), style="bold"))
    console.print()
    for count, verdict in totals(audit):
        console.print(Text(f"{count:>6}  {verdict}"))
    console.print()
    rows = [(kind(row), cells(row)) for row in audit.rows]
    # Wide enough for nearly all; a longer name gets a line of its own.
    room = max(20, console.width - 64)
    width = min(max((cell_len(row[0]) for _, row in rows), default=0), room)
    for how, (file, verdict, certainty, affected, sentence) in rows:
        line = Text(file)
        if line.cell_len > width:
            console.print(line)
            line = Text()
        line.pad_right(width - line.cell_len)
        line.append("  ")
        line.append(f"{verdict:31}", COLOURS.get(how, ""))
        line.append(f"  {certainty:8}  {affected}")
        console.print(line)
        if how != "healthy":
            console.print(Padding(Text(sentence, style="dim"), (0, 0, 0, 4)))


FORMATS: Final[dict[str, tuple[str, Callable[[Audit], str]]]] = {
    "text": (".txt", text),
    "json": (".json", as_json),
    "html": (".html", html),
}
"""Suffix and function of each format for files; ``terminal`` is :func:`show`."""
