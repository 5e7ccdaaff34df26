"""Sequence numbers: the only place that compares them.

Source: RFC 9293 3.4: numbers are 32 bits and wrap; of two, that one is later which is less than
half the range ahead.
"""

from typing import Final

from pcapdiag.compiled import kernel

WRAP: Final = 1 << 32
HALF: Final = 1 << 31


@kernel
def add(number: int, octets: int) -> int:
    """Return the number some octets later (or earlier, when negative)."""
    return (number + octets) & 0xFFFFFFFF


@kernel
def distance(start: int, to: int) -> int:
    """Return how far `to` is ahead of `start`, octets, -2^31 to 2^31 - 1."""
    ahead = (to - start) & 0xFFFFFFFF
    if ahead >= HALF:
        return ahead - WRAP
    return ahead


@kernel
def later(number: int, other: int) -> bool:
    """Tell whether a number is ahead of another; of two 2^31 apart each is, as in Wireshark."""
    return distance(number, other) < 0


@kernel
def not_later(number: int, other: int) -> bool:
    """Tell whether a number is equal to another or behind it."""
    return distance(other, number) <= 0
