"""`pcapdiag audit`: many captures in one table."""

import click

from pcapdiag.cli.choices import settings_of, settings_options
from pcapdiag.cli.output import choose_format, to_file, write
from pcapdiag.cli.progress import progress_bar
from pcapdiag.cli.trouble import Trouble, troubles
from pcapdiag.report.model import SEVERITIES


@click.command(short_help="Analyse many captures and sum them up in one table.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Captures analysed at a time [default: as many as processors].",
)
@click.option(
    "--time-limit",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=300.0,
    show_default=True,
    help="Give up a capture after so long.",
)
@settings_options
@click.option(
    "--format",
    "named_format",
    type=click.Choice(["terminal", "text", "json", "html"]),
    help="Report format.  [default: by the suffix of -o, else terminal or text]",
)
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
    help="Exit with status 1 when any finding is at least this severe.",
)
def audit(
    paths: tuple[str, ...],
    jobs: int | None,
    time_limit: float,
    vip: tuple[str, ...],
    balancer: tuple[str, ...],
    server: tuple[str, ...],
    topology: str | None,
    rule_folders: tuple[str, ...],
    named_format: str | None,
    output: str | None,
    fail_on: str | None,
) -> None:
    """Analyse many captures, each by itself, and sum them up in one table.

    A PATH is a capture, or a folder that is searched for captures by what they hold; names do not
    matter.  A capture that cannot be analysed has its row with the reason.
    """
    from pcapdiag.audit import formats
    from pcapdiag.audit.find import find
    from pcapdiag.audit.pool import audit as run
    from pcapdiag.audit.pool import default_jobs

    by_suffix = {suffix: name for name, (suffix, _) in formats.FORMATS.items()}
    ending = next((s for s in by_suffix if output and output.lower().endswith(s)), "")
    chosen = choose_format(named_format, output, by_suffix.get(ending), " ".join(by_suffix))
    settings = settings_of(vip, balancer, server, topology, rule_folders)
    captures = find(paths)
    if not captures:
        raise Trouble(f"{' '.join(paths)}: holds no capture (pcap or pcapng, also compressed).")
    with troubles():
        from pcapdiag.rules import load

        # A mistake in a rule is said once, not in every row.
        load(settings.rules)
    with progress_bar("captures") as progress:
        done = (lambda n, of: progress("analysing", n, of)) if progress else None
        result = run(captures, settings, jobs or default_jobs(), done, time_limit)
    if chosen == "terminal" and not to_file(output):
        formats.show(result)
    else:
        write(formats.FORMATS["text" if chosen == "terminal" else chosen][1](result), output)
    if all(row.error is not None for row in result.rows):
        raise Trouble("none of the captures could be analysed; the reasons are in the table.")
    if fail_on:
        least = SEVERITIES[SEVERITIES.index(fail_on) :]
        if any(row.severity in least for row in result.rows):
            click.get_current_context().exit(1)
