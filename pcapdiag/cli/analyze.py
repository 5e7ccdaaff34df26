"""`pcapdiag analyze`: the verdict on one capture, or on several taken of the same traffic."""

import os
from dataclasses import replace

import click

from pcapdiag.cli.choices import exit_on, fail_on, files, points_of, settings_options
from pcapdiag.cli.output import choose_format, output_option, to_file, write
from pcapdiag.cli.progress import progress_bar
from pcapdiag.cli.trouble import tell_left_out, troubles
from pcapdiag.report import FORMATS
from pcapdiag.report.model import Report
from pcapdiag.settings import Settings

SUFFIXES = {suffix: name for name, each in FORMATS.items() for suffix in each.suffixes}


@click.command(short_help="Say what is wrong in captures, with proof.")
@files
@settings_options
@click.option(
    "--point",
    metavar="FILE=POINT",
    multiple=True,
    help="Where a capture was taken: balancer, client, server or router.",
)
@click.option(
    "--sessions",
    type=click.Choice(["all", "affected", "none"]),
    default="affected",
    show_default=True,
    help="Sessions to list; JSON always lists all.",
)
@click.option("--format", "named_format", type=click.Choice(list(FORMATS)), help="Report format.")
@output_option
@fail_on("Exit with status 1 when a finding is at least this severe.")
def analyze(
    files: tuple[str, ...],
    settings: Settings,
    point: tuple[str, ...],
    sessions: str,
    named_format: str | None,
    output: str | None,
    fail_on: str | None,
) -> None:
    """Say what is wrong in captures, with proof.

    Several FILEs are one analysis: captures of the same traffic at several places, one for each
    interface of the balancer, or in parts.  A FILE may be - for standard input.
    """
    if len({os.path.realpath(name) for name in files}) < len(files):
        raise click.UsageError("A file is given twice.")
    chosen = choose_format(named_format, output, SUFFIXES)
    settings = replace(settings, points=points_of(point, files), sessions=sessions)
    with troubles(), progress_bar() as progress:
        from pcapdiag.pipeline import analyze as run

        report = run(files, settings, progress)
    tell_left_out(report.limits)
    show(report, chosen, output)
    exit_on(fail_on, (finding.severity for finding in report.findings))


def show(report: Report, chosen: str, output: str | None) -> None:
    """Render a report and write it where the user wants it."""
    if chosen == "terminal" and not to_file(output):
        from pcapdiag.report import terminal

        terminal.show(report)
        return
    write(FORMATS[chosen].render(report), output)
