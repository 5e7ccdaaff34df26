"""Segments that were sent and not yet acknowledged: a queue for each direction of a flow.

All queues live in one pool of linked entries.  A queue is bounded; the oldest entry makes room.
"""

from typing import Any, Final

from pcapdiag.compiled import kernel
from pcapdiag.flows.sequence import not_later
from pcapdiag.flows.state import FREE_SEGMENT, SEGMENTS, Tables

MOST_SEGMENTS: Final = 1024
"""Of one direction.  More than fit a window of usual size; one-sided captures never see an ACK."""


@kernel
def append(
    tables: Tables, state: Any, direction: int, seq: int, next_seq: int, payload: int
) -> None:
    """Remember a segment; the caller sees to room in the pool."""
    if state["segment_count"][direction] >= MOST_SEGMENTS:
        drop_oldest(tables, state, direction)
    used = tables.used
    entry = int(used[FREE_SEGMENT])
    if entry >= 0:
        used[FREE_SEGMENT] = tables.segments[entry]["link"]
    else:
        entry = int(used[SEGMENTS])
        used[SEGMENTS] += 1
    segment = tables.segments[entry]
    segment["seq"] = seq
    segment["next_seq"] = next_seq
    segment["payload"] = payload
    segment["sent"] = 1
    segment["link"] = -1
    if state["segment_count"][direction] == 0:
        state["first_segment"][direction] = entry
    else:
        tables.segments[int(state["last_segment"][direction])]["link"] = entry
    state["last_segment"][direction] = entry
    state["segment_count"][direction] += 1


@kernel
def drop_oldest(tables: Tables, state: Any, direction: int) -> None:
    """Return the oldest segment to the pool."""
    entry = int(state["first_segment"][direction])
    segment = tables.segments[entry]
    state["first_segment"][direction] = segment["link"]
    segment["link"] = tables.used[FREE_SEGMENT]
    tables.used[FREE_SEGMENT] = entry
    state["segment_count"][direction] -= 1


@kernel
def acknowledge(tables: Tables, flow: Any, state: Any, direction: int, ack: int) -> None:
    """Drop the segments of a direction that an ACK from the other side covers."""
    while state["segment_count"][direction] > 0:
        segment = tables.segments[int(state["first_segment"][direction])]
        if not not_later(int(segment["next_seq"]), ack):
            break
        if segment["sent"] == 1 and segment["payload"] > flow["largest_acked_payload"][direction]:
            flow["largest_acked_payload"][direction] = segment["payload"]
        # It was late, but not stuck; what waits behind it counts when it is sent again.
        if segment["sent"] > 1 and segment["sent"] == flow["stuck_count"][direction]:
            flow["stuck_count"][direction] = 0
            flow["stuck_payload"][direction] = 0
        drop_oldest(tables, state, direction)


@kernel
def seen_before(tables: Tables, flow: Any, state: Any, direction: int, seq: int, end: int) -> bool:
    """Tell whether an unacknowledged segment covers the range; count it as sent once more."""
    entry = int(state["first_segment"][direction])
    for _ in range(int(state["segment_count"][direction])):
        segment = tables.segments[entry]
        if not_later(int(segment["seq"]), seq) and not_later(end, int(segment["next_seq"])):
            segment["sent"] += 1
            if segment["sent"] > flow["stuck_count"][direction]:
                flow["stuck_count"][direction] = segment["sent"]
                flow["stuck_payload"][direction] = segment["payload"]
            return True
        entry = int(segment["link"])
    return False


@kernel
def copy_segments(tables: Tables, source: Any, target: Any) -> None:
    """Give a record that was copied from another its own queues."""
    for direction in range(2):
        entry = int(source["first_segment"][direction])
        count = int(source["segment_count"][direction])
        target["segment_count"][direction] = 0
        for _ in range(count):
            segment = tables.segments[entry]
            entry = int(segment["link"])
            append(
                tables, target, direction,
                int(segment["seq"]), int(segment["next_seq"]), int(segment["payload"]),
            )  # fmt: skip
