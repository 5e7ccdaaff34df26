"""Where a result goes: the format by option or suffix, a file written whole or not at all."""

import errno
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

from pcapdiag.cli.trouble import Trouble

STANDARD = "-"
"""Standard output, as a file name."""


def _writable(ctx: click.Context, param: click.Parameter, output: str | None) -> str | None:
    """Refuse an output that cannot be written before hours are spent on what it should hold."""
    if not to_file(output):
        return output
    path = Path(str(output))
    if path.is_dir():
        raise _unwritable(str(output), errno.EISDIR)
    if not path.exists() and not path.parent.is_dir():
        raise _unwritable(str(output), errno.ENOENT)
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise _unwritable(str(output), errno.EACCES)
    return output


def _unwritable(output: str, reason: int) -> Trouble:
    return Trouble(f"{output}: cannot write there: {os.strerror(reason)}.")


output_option = click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    callback=_writable,
    help="Write here; the suffix is the format.",
)


def to_file(output: str | None) -> bool:
    """Return whether the output is a named file."""
    return output is not None and output != STANDARD


def choose_format(
    named: str | None, output: str | None, suffixes: Mapping[str, str], usual: str = ""
) -> str:
    """Return the format: as named, else by the output's suffix, else the usual one.

    `suffixes` are formats by the suffix that chooses them.  Without a usual format it is ``terminal``
    or ``text``, by who reads standard output.  Raises click.UsageError when the suffix chooses none.
    """
    if named is not None:
        return named
    if not to_file(output):
        return usual or ("terminal" if sys.stdout.isatty() else "text")
    suffix = Path(str(output)).suffix.lower()
    if suffix not in suffixes:
        raise click.UsageError(
            f"-o {output}: the suffix ({suffix or 'it has none'}) chooses no format; "
            f"use one of {' '.join(suffixes)}, or add --format."
        )
    return suffixes[suffix]


def write(result: str | bytes, output: str | None) -> None:
    """Write to standard output, or to a file that appears only when it is complete."""
    data = result.encode("utf-8", "backslashreplace") if isinstance(result, str) else result
    if not to_file(output):
        # Bytes: the report is UTF-8 whatever the locale says, the same everywhere.
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    path = Path(str(output))
    try:
        _write_file(path, data)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Trouble(f"{output}: cannot write there: {error.strerror}.") from error


def _write_file(path: Path, data: bytes) -> None:
    if path.exists() and not path.is_file():
        # A device or a pipe cannot be replaced, only written to.
        path.write_bytes(data)
        return
    # A link stays a link: what it points to is replaced.
    target = path.resolve()
    handle, name = tempfile.mkstemp(prefix=".pcapdiag-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), _usual_mode(target))
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)


def _usual_mode(path: Path) -> int:
    """Return the mode a plain open() would leave: the old file's, or what the umask allows."""
    if path.exists():
        return path.stat().st_mode & 0o7777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
