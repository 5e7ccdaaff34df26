"""Sequence arithmetic over the wrap."""

from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.flows.sequence import add, distance, later, not_later

NUMBERS = st.integers(0, 2**32 - 1)
STEPS = st.integers(-(2**31), 2**31 - 1)


@given(NUMBERS, STEPS)
def test_distance_is_what_was_added(number: int, step: int) -> None:
    assert distance(number, add(number, step)) == step


@given(NUMBERS, STEPS)
def test_order(number: int, step: int) -> None:
    # 2^31 apart each is ahead of the other.
    assert later(add(number, step), number) == (step > 0 or step == -(2**31))
    assert not_later(add(number, step), number) == (step <= 0)
