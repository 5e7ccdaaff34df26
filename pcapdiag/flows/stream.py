"""Checksums over the beginning of each direction's byte stream, and over its first line.

Two legs that carry the same bytes have the same checksums (CRC-32, ISO 3309).  Only octets that
were captured and are contiguous from the beginning count: a hole or a cut packet ends the prefix
until the missing octets are sent again.
"""

from typing import Any, Final

from pcapdiag.compiled import kernel
from pcapdiag.flows.sequence import add, distance
from pcapdiag.flows.table import PREFIX_LENGTHS
from pcapdiag.layers.octets import Octets, checksum, u8
from pcapdiag.layers.packet import Packet
from pcapdiag.layers.tcp import SYN

LONGEST: Final = PREFIX_LENGTHS[-1]
LINE_FEED, CARRIAGE_RETURN = 10, 13


@kernel
def extend_prefix(data: Octets, flow: Any, state: Any, packet: Packet, direction: int) -> None:
    """Take in what a packet adds to the stream's prefix."""
    length = int(flow["prefix_length"][direction])
    if length >= LONGEST:
        return
    seq = add(packet["seq"], 1 if packet["flags"] & SYN else 0)
    if state["stream_next"][direction] < 0:
        isn = int(flow["isn"][direction])
        state["stream_next"][direction] = add(isn, 1) if isn >= 0 else seq
    known = distance(seq, int(state["stream_next"][direction]))
    fresh = min(packet["payload_captured"] - known, LONGEST - length)
    if known < 0 or fresh <= 0:
        return
    at = packet["payload_at"] + known
    state["stream_next"][direction] = add(int(state["stream_next"][direction]), fresh)
    if state["line_open"][direction]:
        first_line(data, at, fresh, flow, state, direction)
    value = int(flow["prefix_end"][direction]) if length > 0 else 0
    # A bound on the loop: each pass ends at a checkpoint or at the end of the fresh octets.
    for place in range(len(PREFIX_LENGTHS)):
        checkpoint = PREFIX_LENGTHS[place]
        if length >= checkpoint or fresh <= 0:
            continue
        taken = min(fresh, checkpoint - length)
        value = checksum(data, at, taken, value)
        at += taken
        fresh -= taken
        length += taken
        if length == checkpoint:
            flow["prefix"][direction, place] = value
    flow["prefix_length"][direction] = length
    flow["prefix_end"][direction] = value


@kernel
def first_line(data: Octets, at: int, fresh: int, flow: Any, state: Any, direction: int) -> None:
    """Look for the end of the first line in fresh octets of the prefix."""
    length = int(flow["prefix_length"][direction])
    for place in range(fresh):
        if u8(data, at + place) == LINE_FEED:
            state["line_open"][direction] = 0
            # CR and LF in different packets: the checksum already holds the CR.
            if place == 0 and length > 0:
                return
            size = place
            if place > 0 and u8(data, at + place - 1) == CARRIAGE_RETURN:
                size = place - 1
            start = int(flow["prefix_end"][direction]) if length > 0 else 0
            flow["line"][direction] = checksum(data, at, size, start)
            flow["line_length"][direction] = length + size
            return
