"""Ticks become nanoseconds exactly, in 63 bits."""

from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pcapdiag.compiled import compiled, kernel
from pcapdiag.read.clock import CLOCK, CLOCK_FIELDS, LAST_SECOND, clock, nanoseconds


def exact(ticks: int, resolution: int, offset_s: int) -> int:
    exponent = resolution & 127
    base = 2**exponent if resolution & 128 else 10**exponent
    seconds = Fraction(ticks, base)
    if floor(seconds) > LAST_SECOND or not 0 <= floor(seconds) + offset_s <= LAST_SECOND:
        return -1
    return floor(seconds * 10**9) + offset_s * 10**9


ticks = st.integers(0, 2**64 - 1) | st.integers(0, 2**40) | st.sampled_from((2**63, 2**32 - 1))
resolutions = st.integers(0, 127) | st.integers(128, 128 + 63)
offsets = st.integers(-(10**10), 10**10) | st.just(0)


@kernel
def of_first(high: int, low: int, clocks: Any) -> int:
    """Call the kernel with a record, which only compiled code has."""
    return nanoseconds(high, low, clocks[0])


@limits(deadline=None, max_examples=500)
@given(ticks=ticks, resolution=resolutions, offset_s=offsets)
def test_time_is_exact(ticks: int, resolution: int, offset_s: int) -> None:
    made = clock(resolution, offset_s, 0)
    expected = exact(ticks, resolution, offset_s) if abs(offset_s) <= LAST_SECOND else -1
    high, low = ticks >> 32, ticks & 0xFFFFFFFF
    assert nanoseconds(high, low, made) == expected
    clocks = np.array([tuple(made[name] for name in CLOCK_FIELDS)], CLOCK)
    assert compiled(of_first)(high, low, clocks) == expected


def test_a_clock_that_makes_no_sense_tells_no_time() -> None:
    assert nanoseconds(0, 1, clock(128 + 64, 0, 0)) == -1
    assert nanoseconds(0, 1, clock(6, 2**62, 0)) == -1
