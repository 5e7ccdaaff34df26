"""What the pass must remember of each flow while it runs, and the tables it fills.

``STATE`` lies beside the flow table, record by record, and is forgotten afterwards.  Its numbers
start at 0, not -1: 0 is what Wireshark's sequence analysis takes for "not yet seen".
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

STATE: Final = np.dtype(
    [
        # Entry 0 to the responder, 1 to the initiator
        ("next_seq", "i8", (2,)),  # highest sequence number seen, plus its length
        ("next_seq_ns", "i8", (2,)),  # when it moved last
        ("max_to_be_acked", "i8", (2,)),  # end of what an ACK may cover without a loss
        ("base_seq", "i8", (2,)),  # first sequence number less one, or the SYN's
        ("base_known", "i1", (2,)),
        ("last_ack", "i8", (2,)),
        ("last_ack_ns", "i8", (2,)),
        ("window", "i8", (2,)),  # unscaled; 2^32 - 1 before the first packet
        ("scale", "i1", (2,)),  # -1 not known, -2 scaling not used
        ("after_syn", "i1", (2,)),  # 1: the last packet was a SYN, whose window is never scaled
        ("last_flags", "i4", (2,)),  # findings of the last packet
        ("duplicate_acks", "i8", (2,)),  # in a row
        ("multipath", "i4"),  # bit n: some packet had an MPTCP option of subtype n
        ("last_multipath", "i4", (2,)),  # what it was at the direction's last packet
        ("first_segment", "i4", (2,)),  # oldest unacknowledged segment; -1 none
        ("last_segment", "i4", (2,)),  # newest
        ("segment_count", "i4", (2,)),
        ("stream_next", "i8", (2,)),  # sequence number at which the prefix goes on; -1 not begun
        ("line_open", "i1", (2,)),  # 1: the first line may still end
        ("last_mac", "i8", (2, 2)),  # [direction][source, destination]
        ("syn_ns", "i8"),  # time of the most recent SYN
        ("patience_ns", "i8"),  # first round trip, below 0 when the clock went back; 0 not known
        # Of HTTP/1 in the clear (flows.dialogue)
        ("head", "i1"),  # 1: the last request was HEAD
        ("body", "i1"),  # how the end of the last reply's body is known; 0: it is not
        ("body_length", "i4"),
        ("body_end", "i8"),  # sequence number behind it
        ("tail", "i8"),  # last four octets of a chunked body
        ("tail_end", "i8"),  # sequence number behind them; -1: not known
        # Where this record's packets were seen (hop records)
        ("place", "i4", (2,)),  # -1 not yet
        ("facing", "i4", (2,)),  # equal to the `mirror` of packets that come back here; -1
        ("place_ttl", "i2", (2,)),
    ]
)

SEGMENT: Final = np.dtype(
    [
        ("seq", "i8"),
        ("next_seq", "i8"),
        ("payload", "i4"),
        ("sent", "i4"),  # times
        ("link", "i4"),  # the next newer one, or the next free one; -1 none
    ]
)
"""A segment not yet acknowledged; all flows share one pool."""

DATAGRAMS: Final = 256
"""IP datagrams that may be incomplete at a time."""
DATAGRAM_HEAD: Final = 1536
"""Octets kept of each: headers, and what the prefix of a stream may still take from it."""
UNIT: Final = 8
"""Fragments begin at multiples of so many octets (RFC 791 3.1)."""
MOST_SPANS: Final = 32
"""Pieces with holes between them; 45 Ethernet frames make the largest datagram."""

DATAGRAM: Final = np.dtype(
    [
        ("source", "i8", (4,)),
        ("destination", "i8", (4,)),
        ("id", "i8"),
        ("protocol", "i8"),
        ("vlan", "i8"),
        ("begun_ns", "i8"),
        ("length", "i8"),  # -1: the last fragment has not come
        ("frames", "i4"),  # that brought it
        ("spans", "i4"),
        ("start", "i4", (MOST_SPANS,)),  # of each piece, octets
        ("stop", "i4", (MOST_SPANS,)),
        ("owner", "i4", (DATAGRAM_HEAD // UNIT,)),  # offset of the fragment a unit is from
        ("ip_version", "i1"),
        ("overlap", "i1"),  # 1: two fragments hold the same octets
        ("in_use", "i1"),
    ]
)
"""An IP datagram of which fragments came."""

SIGHTING: Final = np.dtype(
    [
        ("time_ns", "i8"),
        ("record", "i4"),  # whole record of its flow; -1: empty
        ("digest", "i4"),  # of direction and header fields
        ("place", "i4"),
        ("facing", "i4"),
        ("ttl", "i4"),
        ("hops", "i4"),  # bit n: seen at hop n
    ]
)
"""A packet seen lately; a table of fixed size, the newer overwrites the older."""

SIGHTINGS: Final = 1 << 13
"""Copies follow each other closely: this many packets between two of them is far more than a
router queues."""

# Entries of `Tables.used`.
FLOWS, EVENTS, NEIGHBORS, ICMP, SEGMENTS, FREE_SEGMENT, STREAMS, FILE_START, CLAIMS, SECRET = range(
    10
)
USED: Final = 10


class Tables(NamedTuple):
    """All that the pass writes to."""

    flows: NDArray[Any]
    states: NDArray[Any]
    empty_flow: NDArray[Any]
    """One record of each, as it is before its first packet."""
    empty_state: NDArray[Any]
    slots: NDArray[Any]
    """int32[power of two]: hash of end points -> whole record, -1 free; of one file."""
    events: NDArray[Any]
    neighbors: NDArray[Any]
    icmp: NDArray[Any]
    claims: NDArray[Any]
    segments: NDArray[Any]
    sightings: NDArray[Any]
    datagrams: NDArray[Any]
    heads: NDArray[Any]
    """uint8[DATAGRAMS * DATAGRAM_HEAD], the beginning of each datagram."""
    heads_read: NDArray[Any]
    """The same memory, not to be written: of the type that captures have."""
    undecoded: NDArray[Any]
    """int64[reasons.COUNT], packets."""
    used: NDArray[Any]
    """int64[USED]: entries in use of the tables above, head of the free segments (-1 none), number
    of streams in this file, first record of this file, claims, the secret of the index."""


def _empty() -> NDArray[Any]:
    empty = np.zeros(1, STATE)
    empty["window"] = 0xFFFFFFFF
    empty["line_open"] = 1
    for name in ("scale", "stream_next", "syn_ns", "place", "facing", "place_ttl", "tail_end"):
        empty[name] = -1
    return empty


EMPTY: Final = _empty()
"""One state, as it is before its record's first packet."""
