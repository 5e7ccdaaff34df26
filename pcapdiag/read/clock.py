"""Time stamps of pcapng: ticks of an interface's clock to nanoseconds.

Source: draft-ietf-opsawg-pcapng 4.2 (if_tsresol, if_tsoffset) and 4.3.
"""

from typing import Any, Final

import numpy as np

from pcapdiag.compiled import kernel

DECIMAL: Final = 0
BINARY: Final = 1
NO_CLOCK: Final = 2
"""The interface's own description of its clock makes no sense."""

CLOCK_FIELDS: Final = (
    "kind",  # DECIMAL, BINARY or NO_CLOCK
    "exponent",  # ticks a second: 10 or 2 to this
    "offset_s",  # added to every time
    "snaplen",  # 0: no limit
    "check",  # octets of frame check sequence
)
CLOCK: Final = np.dtype([(name, "i8") for name in CLOCK_FIELDS])
"""How an interface of the section tells time, and what it keeps of a packet.

A record of this type when compiled, a dictionary with these names when plain.
"""

LAST_SECOND: Final = 9_223_372_035
"""The last whole second (in the year 2262) that fits into 64 bits of nanoseconds."""


def clock(resolution: int, offset_s: int, snaplen: int, check: int = 0) -> dict[str, int]:
    """Return the fields of CLOCK for the value of if_tsresol and the offset."""
    kind = BINARY if resolution & 0x80 else DECIMAL
    exponent = resolution & 0x7F
    if abs(offset_s) > LAST_SECOND or (kind == BINARY and exponent > 63):
        kind = NO_CLOCK
    fields = (kind, exponent, offset_s, snaplen, check)
    return dict(zip(CLOCK_FIELDS, fields, strict=True))


@kernel
def nanoseconds(high: int, low: int, clock: Any) -> int:
    """Return the time of the tick count high:low since 1970, rounded down; -1: out of reach."""
    exponent = clock["exponent"]
    if clock["kind"] == BINARY:
        seconds, rest = _binary(high, low, exponent)
    elif clock["kind"] == DECIMAL:
        seconds, rest = _decimal(high, low, exponent)
    else:
        return -1
    if seconds < 0 or seconds > LAST_SECOND:
        return -1
    seconds += clock["offset_s"]
    if seconds < 0 or seconds > LAST_SECOND:
        return -1
    return int(seconds * 1_000_000_000 + rest)


@kernel
def _decimal(high: int, low: int, exponent: int) -> tuple[int, int]:
    """Return seconds (-1: too many) and nanoseconds of a count of 10^-exponent s."""
    if exponent > 9:
        # Divided in two halves: the whole count needs 64 bits and there are 63.
        low = (high % 10 << 32 | low) // 10
        ticks = (high // 10 << 32) + low
        exponent -= 1
        while exponent > 9:
            ticks //= 10
            exponent -= 1
    elif high >= 1 << 31:
        return -1, 0
    else:
        ticks = high << 32 | low
    second = 1
    for _ in range(exponent):
        second *= 10
    return ticks // second, ticks % second * (1_000_000_000 // second)


@kernel
def _binary(high: int, low: int, exponent: int) -> tuple[int, int]:
    """Return seconds (-1: too many) and nanoseconds of a count of 2^-exponent s, exponent < 64."""
    if exponent >= 32:
        seconds = high >> (exponent - 32)
        rest = (high & ((1 << (exponent - 32)) - 1)) << 32 | low
    else:
        if high >> exponent > 3:
            return -1, 0
        seconds = high << (32 - exponent) | low >> exponent
        rest = low & ((1 << exponent) - 1)
    if exponent <= 33:
        return seconds, rest * 1_000_000_000 >> exponent
    # 33 bits times 10^9 is what fits into 63 bits: the product is made of two.
    shift = exponent - 33
    carried = (rest & ((1 << shift) - 1)) * 1_000_000_000 >> shift
    return seconds, ((rest >> shift) * 1_000_000_000 + carried) >> 33
