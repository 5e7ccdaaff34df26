"""Errors for people: what, where, and what now; never a traceback."""

import click

from pcapdiag.report.words import safe


class Trouble(click.ClickException):
    """Something the user can mend that stops a command; exit status 2."""

    exit_code = 2

    def format_message(self) -> str:
        """Return the message in one line; it may quote file names and the wire."""
        return safe(self.message, 1000)
