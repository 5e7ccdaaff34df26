"""`pcapdiag audit`: many captures in one table."""

import click

from pcapdiag.cli.choices import exit_on, fail_on, settings_options, time_limit
from pcapdiag.cli.output import choose_format, output_option, to_file, write
from pcapdiag.cli.progress import progress_bar
from pcapdiag.cli.trouble import Trouble, troubles
from pcapdiag.settings import Settings


@click.command(short_help="Analyse many captures and sum them up in one table.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Captures analysed at a time [default: as many as processors].",
)
@time_limit(300.0, "Give up a capture after so long.")
@settings_options
@click.option(
    "--format",
    "named_format",
    type=click.Choice(["terminal", "text", "json", "html"]),
    help="Report format.  [default: by the suffix of -o, else terminal or text]",
)
@output_option
@fail_on(
    "Exit with status 1 when any finding is at least this severe; captures that could not be "
    "analysed do not count."
)
def audit(
    paths: tuple[str, ...],
    settings: Settings,
    jobs: int | None,
    time_limit: float,
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

    suffixes = {suffix: name for name, (suffix, _) in formats.FORMATS.items()}
    chosen = choose_format(named_format, output, suffixes)
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
    exit_on(fail_on, (row.severity for row in result.rows))
