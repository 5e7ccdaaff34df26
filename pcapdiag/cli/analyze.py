"""`pcapdiag analyze`: the verdict on one capture, or on several taken of the same traffic."""

from collections.abc import Sequence

import click

from pcapdiag.cli.choices import files, points_of, settings_of, settings_options
from pcapdiag.cli.output import choose_format, to_file, write
from pcapdiag.cli.progress import progress_bar
from pcapdiag.cli.trouble import troubles
from pcapdiag.report import FORMATS, format_for
from pcapdiag.report.model import SEVERITIES, Report


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
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    help="Write here; the suffix is the format.",
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    help="Exit with status 1 when a finding is at least this severe.",
)
def analyze(
    files: tuple[str, ...],
    vip: tuple[str, ...],
    balancer: tuple[str, ...],
    server: tuple[str, ...],
    topology: str | None,
    rule_folders: tuple[str, ...],
    point: tuple[str, ...],
    sessions: str,
    named_format: str | None,
    output: str | None,
    fail_on: str | None,
) -> None:
    """Say what is wrong in captures, with proof.

    Several FILEs are one analysis: captures of the same traffic at several places, or in parts.
    A FILE may be - for standard input.
    """
    if len(set(files)) < len(files):
        raise click.UsageError("A file is given twice.")
    chosen = format_chosen(named_format, output)
    settings = settings_of(
        vip, balancer, server, topology, rule_folders, points_of(point, files), sessions
    )
    with troubles(), progress_bar() as progress:
        from pcapdiag.pipeline import analyze as run

        report = run(files, settings, progress)
    show(report, chosen, output)
    if fail_on and _at_least(report, fail_on):
        click.get_current_context().exit(1)


def format_chosen(named: str | None, output: str | None) -> str:
    """Return the name of the report's format."""
    by_suffix = format_for(output) if output else None
    suffixes = " ".join(each.suffixes[0] for each in FORMATS.values() if each.suffixes)
    return choose_format(named, output, by_suffix, suffixes)


def show(report: Report, chosen: str, output: str | None) -> None:
    """Render a report and write it where the user wants it."""
    if chosen == "terminal" and not to_file(output):
        from pcapdiag.report import terminal

        terminal.show(report)
        return
    write(FORMATS[chosen].render(report), output)


def _at_least(report: Report, severity: str) -> bool:
    least: Sequence[str] = SEVERITIES[SEVERITIES.index(severity) :]
    return any(finding.severity in least for finding in report.findings)
