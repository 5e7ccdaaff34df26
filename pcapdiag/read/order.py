"""Numbers of a container in the byte order it declares."""

from collections.abc import Callable
from typing import Any

from pcapdiag.compiled import primitive


def _word(data: Any, at: Any, little: Any) -> Callable[..., Any]:
    from numba import int64

    def body(data: Any, at: Any, little: Any) -> Any:
        first = int64(data[at])
        second = int64(data[at + 1])
        third = int64(data[at + 2])
        fourth = int64(data[at + 3])
        if little:
            return fourth << 24 | third << 16 | second << 8 | first
        return first << 24 | second << 16 | third << 8 | fourth

    return body


@primitive(_word)
def word(data: Any, at: int, little: bool) -> int:
    """Return the unsigned 32-bit number at an offset that the caller has checked.

    `data` is a memoryview when plain, uint8[:] when compiled.
    """
    return int.from_bytes(data[at : at + 4], "little" if little else "big")


def _octet(data: Any, at: Any) -> Callable[..., Any]:
    from numba import int64

    def body(data: Any, at: Any) -> Any:
        return int64(data[at])

    return body


@primitive(_octet)
def octet(data: Any, at: int) -> int:
    """Return the octet at an offset that the caller has checked; `data` as for :func:`word`."""
    return int(data[at])


def byte_order(little: bool) -> str:
    """Return the word for a byte order."""
    return "little endian" if little else "big endian"
