"""The command `pcapdiag` itself: which commands there are, and how the program ends."""

import gc
import importlib
import io
import os
import sys
from typing import Any, Final

import click

from pcapdiag import __version__
from pcapdiag.report.words import meant

COMMANDS: Final = {
    "analyze": "Say what is wrong in captures, with proof.",
    "audit": "Analyse many captures and sum them up in one table.",
    "doctor": "Say what is wrong with capture files, and what could be read.",
    "query": "Run one SQL statement over the tables of captures.",
    "rules": "List, show and check the rules.",
    "facts": "List the tables and columns that rules and queries may use.",
    "dissect": "Show the decoded packets of one session (needs tshark).",
    "completion": "Print the completion script of a shell.",
}
"""Each is a module of this package with a click command of the same name."""

INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141
"""As a shell reports SIGINT and SIGPIPE."""


class Commands(click.Group):
    """A group that imports a command's module only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order people need them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command; None when there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"pcapdiag.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names; say which one was meant."""
        close = "" if args[0] in COMMANDS else meant(args[0], COMMANDS)
        if close and not ctx.resilient_parsing:
            ctx.fail(f"No such command '{args[0]}'{close}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; end quietly when interrupted or when nobody reads any more."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            # What is still buffered would raise again when the interpreter ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(PIPE_CLOSED)
        return result


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="pcapdiag", message="%(prog)s %(version)s")
def pcapdiag() -> None:
    """Read a load balancer's packet capture and say, with proof, why some users cannot connect."""


def main() -> None:
    """Run the program and end the process with its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that is not in UTF-8 shows what it cannot as an escape; it is no reason to fail.
            stream.reconfigure(errors="backslashreplace")
    # Nothing here multiplies matrices: threads made for that would only wait, and busily.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Sessions and flows are values that live to the end, none of them in circles: looking through them
    # again and again took a third of the time of putting a report of 20,000 sessions together.
    gc.set_threshold(200_000, 20, 100)
    try:
        pcapdiag(prog_name="pcapdiag")
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        if isinstance(end.code, int):
            # All files are closed by now, and memory the operating system takes back at once: piece by
            # piece it lasts as long as writing the report.
            os._exit(end.code)
        raise
