"""Sequence analysis of one packet: which of Wireshark's ``tcp.analysis`` findings it has.

The definitions are those of Wireshark 4.0 with default preferences (User's Guide, "TCP Analysis"),
so that counts agree with tshark's.  A number that was never seen is 0, as there.
"""

from typing import Any, Final

from pcapdiag.compiled import kernel
from pcapdiag.flows import findings
from pcapdiag.flows.segments import acknowledge, append, seen_before
from pcapdiag.flows.sequence import add, later, not_later
from pcapdiag.flows.state import Tables
from pcapdiag.layers.packet import Packet
from pcapdiag.layers.tcp import ACK, FIN, RST, SYN

FAST_NS: Final = 20_000_000
"""A fast retransmission follows the duplicate ACK within this time."""
REORDER_NS: Final = 3_000_000
"""A segment this late is out of order rather than sent again, when the round trip is unknown."""


TOLD: Final = 1 << 32
"""In a count of duplicate ACKs: a hole in the same direction was told."""
FRESH: Final = TOLD | 0xFFFFFFFF
"""It was told since the last of them.  As in Wireshark this counts like many duplicate ACKs until
the next one comes, which is the first."""


@kernel
def analyze(tables: Tables, flow: Any, state: Any, packet: Packet, direction: int) -> int:
    """Return the findings (bits of :mod:`pcapdiag.flows.findings`) and carry the state on."""
    back = 1 - direction
    seq = packet["seq"]
    ack = packet["ack"]
    flags = packet["flags"]
    length = packet["payload"]
    # A connection that begins with the same number once more forgets what came behind a hole.
    if flags & (SYN | ACK) == SYN:
        state["next_seq"][direction] = state["max_to_be_acked"][direction]
    found = look_forward(state, packet, direction)

    if ack != state["last_ack"][direction]:
        state["duplicate_acks"][direction] = 0

    limit = int(state["max_to_be_acked"][back])
    if limit and flags & ACK and later(ack, limit):
        found |= acked_unseen(state, back)

    occupies = length + (1 if flags & (SYN | FIN) else 0)
    if length > 0 or flags & (SYN | FIN):
        found |= look_back(tables, flow, state, packet, direction, found)
    following = add(seq, length)
    if occupies:
        following = add(seq, occupies)
    # A segment sent again is in the queue already, or was acknowledged.
    if occupies and not found & findings.ANY_RETRANSMISSION:
        append(tables, state, direction, seq, following, length)

    expected = int(state["next_seq"][direction])
    if not found & findings.ZERO_WINDOW_PROBE and (not expected or later(following, expected)):
        state["next_seq"][direction] = following
        state["next_seq_ns"][direction] = packet["time_ns"]
    contiguous = int(state["max_to_be_acked"][direction])
    if (not contiguous or seq == contiguous) and not found & findings.ZERO_WINDOW_PROBE:
        state["max_to_be_acked"][direction] = state["next_seq"][direction]

    state["window"][direction] = packet["window"]
    state["last_ack"][direction] = ack
    state["last_ack_ns"][direction] = packet["time_ns"]
    state["last_flags"][direction] = found
    if state["multipath"]:
        state["last_multipath"][direction] = state["multipath"]
    if flags & ACK:
        acknowledge(tables, flow, state, back, ack)
    return found


@kernel
def look_forward(state: Any, packet: Packet, direction: int) -> int:
    """Return the findings about windows, holes, keep-alives and repeated ACKs."""
    back = 1 - direction
    seq = packet["seq"]
    length = packet["payload"]
    window = packet["window"]
    plain = packet["flags"] & (SYN | FIN | RST) == 0
    expected = int(state["next_seq"][direction])
    found = 0
    if length == 1 and seq == expected and state["window"][back] == 0:
        return findings.ZERO_WINDOW_PROBE
    if window == 0 and plain:
        found |= findings.ZERO_WINDOW
    if expected and not packet["flags"] & RST and later(seq, expected):
        found |= findings.LOST_SEGMENT
    if length <= 1 and plain and seq == add(expected, -1):
        found |= findings.KEEP_ALIVE
    if not plain:
        return found
    if length > 0:
        if window_edge(state, back) == add(seq, length):
            found |= findings.WINDOW_FULL
        return found
    same_window = window == state["window"][direction]
    if seq != expected or packet["ack"] != state["last_ack"][direction]:
        return found
    if window and not same_window:
        found |= findings.WINDOW_UPDATE
    if not same_window:
        return found
    if window and state["last_flags"][back] & findings.KEEP_ALIVE:
        return found | findings.KEEP_ALIVE_ACK
    if window == 0 and state["last_flags"][back] & findings.ZERO_WINDOW_PROBE:
        return found | findings.ZERO_WINDOW_PROBE_ACK
    # Subflows may repeat an ACK to say something of the whole connection (RFC 8684 4).
    if window and state["multipath"] == state["last_multipath"][direction]:
        count = int(state["duplicate_acks"][direction])
        state["duplicate_acks"][direction] = TOLD + 1 if count == FRESH else count + 1
        found |= findings.DUPLICATE_ACK
    return found


@kernel
def acked_unseen(state: Any, direction: int) -> int:
    """Return the finding for an ACK beyond what was captured; 0 when it was told already."""
    if later(int(state["next_seq"][direction]), int(state["max_to_be_acked"][direction])):
        state["max_to_be_acked"][direction] = state["next_seq"][direction]
        return findings.ACKED_UNSEEN
    # One hole is told once: until this direction acknowledges something new.
    told = state["duplicate_acks"][direction] != 0
    state["duplicate_acks"][direction] = FRESH
    return 0 if told else findings.ACKED_UNSEEN


@kernel
def window_edge(state: Any, direction: int) -> int:
    """Return the sequence number that a direction's last window allows; -1: scaling unknown."""
    scale = int(state["scale"][direction])
    if scale == -1:
        return -1
    if scale == -2 or state["after_syn"][direction]:
        scale = 0
    return add(int(state["last_ack"][direction]), int(state["window"][direction]) << scale)


@kernel
def look_back(
    tables: Tables, flow: Any, state: Any, packet: Packet, direction: int, found: int
) -> int:
    """Return how a packet that takes up sequence numbers repeats or reorders; 0: it does not."""
    back = 1 - direction
    seq = packet["seq"]
    length = packet["payload"]
    if found & findings.KEEP_ALIVE:
        return 0
    expected = int(state["next_seq"][direction])
    behind = expected != 0 and later(expected, seq)
    # One octet back with new data: the octet before was a window probe.
    if length > 1 and seq == add(expected, -1):
        behind = False
    acked = int(state["last_ack"][back])
    end = add(seq, length)
    if length > 0 and acked and not_later(end, acked):
        return findings.SPURIOUS_RETRANSMISSION
    if not behind:
        return 0
    since_ack = packet["time_ns"] - int(state["last_ack_ns"][back])
    repeated = add(int(state["duplicate_acks"][back]), 0)
    if repeated >= 2 and acked == seq and 0 <= since_ack < FAST_NS:
        return findings.FAST_RETRANSMISSION
    patience = int(state["patience_ns"])
    if patience == 0:
        patience = REORDER_NS
    end = add(end, 1 if packet["flags"] & (SYN | FIN) else 0)
    since_highest = packet["time_ns"] - int(state["next_seq_ns"][direction])
    # Wireshark takes times below 0 for very long ones, the round trip's among them.
    soon = since_highest < patience if (since_highest < 0) == (patience < 0) else patience < 0
    if soon and expected != end:
        return findings.OUT_OF_ORDER
    seen_before(tables, flow, state, direction, seq, end)
    return findings.RETRANSMISSION
