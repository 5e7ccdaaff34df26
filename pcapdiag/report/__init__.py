"""One frozen Report value, and one file a format that renders it.

A format is a module with ``render(report) -> str``; adding one is such a file and its line in FORMATS.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Final, NamedTuple

from pcapdiag.report.model import Report

Render = Callable[[Report], str]


class Format(NamedTuple):
    """One way to write a report."""

    suffixes: tuple[str, ...]
    """Of file names that choose this format; the first is the usual one."""
    render: Render
    """Pure: the same report gives the same text.  Its module is imported at the first call."""


def _format(name: str, *suffixes: str) -> Format:
    def render(report: Report) -> str:
        module = import_module(f"{__name__}.{name}")
        text: str = module.render(report)
        return text

    return Format(suffixes, render)


FORMATS: Final[dict[str, Format]] = {
    "terminal": _format("terminal"),
    "text": _format("text", ".txt", ".log"),
    "markdown": _format("markdown", ".md", ".markdown"),
    "html": _format("html", ".html", ".htm"),
    "json": _format("json", ".json"),
}
"""Formats by name.  For a live terminal use :func:`pcapdiag.report.terminal.show`."""
