"""Where a result goes: the format by option or suffix, a file written whole or not at all."""

import os
import sys
import tempfile
from pathlib import Path

import click

from pcapdiag.cli.trouble import Trouble

STANDARD = "-"
"""Standard output, as a file name."""


def to_file(output: str | None) -> bool:
    """Return whether the output is a named file."""
    return output is not None and output != STANDARD


def choose_format(
    named: str | None, output: str | None, by_suffix: str | None, suffixes: str
) -> str:
    """Return the format: as named, else by the output's suffix, else by who reads standard output.

    `by_suffix` is the format that the output's suffix chooses; `suffixes` names those that do.
    Raises click.UsageError when the output's suffix chooses none.
    """
    if named is not None:
        return named
    if not to_file(output):
        return "terminal" if sys.stdout.isatty() else "text"
    if by_suffix is None:
        suffix = Path(str(output)).suffix or "it has none"
        raise click.UsageError(
            f"-o {output}: the suffix ({suffix}) chooses no format; "
            f"use one of {suffixes}, or add --format."
        )
    return by_suffix


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
