"""Errors for people: what, where, and what now; never a traceback."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click

from pcapdiag.report.model import UNREADABLE, Limit
from pcapdiag.report.words import safe

MOST_LINES = 20
"""Mistakes that are listed at once."""


class Trouble(click.ClickException):
    """Something the user can mend that stops a command; exit status 2."""

    exit_code = 2

    def format_message(self) -> str:
        """Return the message with its lines made safe; it may quote file names and the wire."""
        lines = self.message.split("\n")
        more = [f"... and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
        return "\n".join([safe(line, 1000) for line in lines[:MOST_LINES]] + more)


@contextmanager
def troubles() -> Iterator[None]:
    """Turn what the rooms raise about the user's files and rules into Trouble."""
    from pcapdiag.pipeline import NothingReadable
    from pcapdiag.read import Unreadable
    from pcapdiag.rules import RuleError

    try:
        yield
    except (NothingReadable, Unreadable, RuleError) as error:
        raise Trouble(str(error)) from error


def tell_left_out(limits: Iterable[Limit]) -> None:
    """Say on standard error which captures gave nothing: the result speaks of the others only."""
    for limit in limits:
        if limit.id == UNREADABLE:
            click.echo(f"pcapdiag: {safe(limit.summary)}", err=True)
