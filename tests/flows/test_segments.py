"""Queues of unacknowledged segments in their pool."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.flows import state as tables_state
from pcapdiag.flows.build import new_tables
from pcapdiag.flows.segments import MOST_SEGMENTS, acknowledge, append, copy_segments, seen_before
from pcapdiag.flows.state import EMPTY, STATE
from pcapdiag.flows.table import EMPTY as EMPTY_FLOW


def queue(state: np.void) -> int:
    return int(state["segment_count"][0])


@given(st.lists(st.integers(1, 1460), max_size=40), st.integers(0, 60_000))
def test_an_ack_leaves_what_it_does_not_cover(lengths: list[int], ack: int) -> None:
    tables, flow, state = new_tables(), EMPTY_FLOW.copy()[0], EMPTY.copy()[0]
    ends, at = [], 0
    for length in lengths:
        append(tables, state, 0, at, at + length, length)
        at += length
        ends.append(at)
    acknowledge(tables, flow, state, 0, ack)
    assert queue(state) == sum(end > ack for end in ends)
    assert seen_before(tables, flow, state, 0, at - 1, at) == (bool(ends) and at > ack)


def test_the_oldest_makes_room_and_the_pool_does_not_grow() -> None:
    tables, state = new_tables(), EMPTY.copy()[0]
    for number in range(3 * MOST_SEGMENTS):
        append(tables, state, 0, number, number + 1, 1)
    assert queue(state) == MOST_SEGMENTS
    assert tables.used[tables_state.SEGMENTS] <= MOST_SEGMENTS + 1


def test_a_copied_record_has_queues_of_its_own() -> None:
    tables, flow = new_tables(), EMPTY_FLOW.copy()[0]
    states = np.concatenate([EMPTY, EMPTY])
    append(tables, states[0], 0, 1, 2, 1)
    states[1] = states[0]
    copy_segments(tables, states[0], states[1])
    acknowledge(tables, flow, states[0], 0, 2)
    assert (queue(states[0]), queue(states[1])) == (0, 1)
    assert STATE.names is not None
