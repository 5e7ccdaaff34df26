"""`pcapdiag doctor`: what is wrong with capture files."""

import click

from pcapdiag.cli.choices import files
from pcapdiag.cli.output import choose_format, output_option, write
from pcapdiag.cli.progress import progress_bar
from pcapdiag.cli.trouble import Trouble
from pcapdiag.report.words import safe

SUFFIXES = {".txt": "text", ".json": "json"}


@click.command(short_help="Say what is wrong with capture files, and what could be read.")
@files
@click.option(
    "--format",
    "named_format",
    type=click.Choice(["text", "json"]),
    help="Output format.  [default: by the suffix of -o, else text]",
)
@output_option
def doctor(files: tuple[str, ...], named_format: str | None, output: str | None) -> None:
    """Say what is wrong with capture files, what could still be read of them, and what to do.

    Each FILE is examined by itself.  Exit status: 0 nothing is wrong, 1 something is, 2 no FILE could
    be read at all.
    """
    chosen = choose_format(named_format, output, SUFFIXES, usual="text")
    from pcapdiag.doctor import FORMATS, examine
    from pcapdiag.pipeline import NothingReadable

    diagnoses, failed = [], list[str]()
    with progress_bar() as progress:
        for name in files:
            try:
                diagnoses.append(examine(name, progress=progress))
            except NothingReadable as error:
                failed.append(str(error))
    if not diagnoses:
        raise Trouble("\n".join(failed))
    for reason in failed:
        click.echo(f"pcapdiag: {safe(reason)}", err=True)
    write(FORMATS[chosen](diagnoses), output)
    if failed or any(diagnosis.wrong for diagnosis in diagnoses):
        click.get_current_context().exit(1)
