"""How long runs have waited for want of machine code: as long as compiling takes, and compiling pays.

Whoever rents until the rent has reached the price, and buys then, never pays twice the least possible
(Karlin, Manasse, Rudolph and Sleator, "Competitive snoopy caching", Algorithmica 3, 1988).
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from pcapdiag.compiled.kept import folder_of

MOST_S: Final = 3600
"""Longer waits count as this."""


def waited_s(function: Callable[..., Any]) -> int:
    """Return the seconds that runs of this version have waited for a kernel so far, 0 when nobody knows."""
    try:
        return _ledger(function).stat().st_size
    except OSError:
        return 0


def add_wait(function: Callable[..., Any], seconds: int) -> None:
    """Remember a wait; where the folder cannot be written it is forgotten."""
    path = _ledger(function)
    if seconds > 0:
        with suppress(OSError):  # a read-only home is no reason to fail
            path.parent.mkdir(parents=True, exist_ok=True)
            # An octet a second: what is appended needs no lock, and a length cannot be misread.
            with path.open("ab") as ledger:
                ledger.write(b"." * min(seconds, MOST_S))


def _ledger(function: Callable[..., Any]) -> Path:
    return folder_of(function) / f"{function.__module__}.{function.__qualname__}.waits"
