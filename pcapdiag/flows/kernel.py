"""The one loop over the packet records of a batch."""

from typing import Any, Final

from numpy.typing import NDArray

from pcapdiag.compiled import kernel, soon
from pcapdiag.flows.account import account
from pcapdiag.flows.copies import COPY, DUPLICATE_COPY, expect, sight
from pcapdiag.flows.fragments import join
from pcapdiag.flows.listing import (
    DUPLICATE,
    MOST_EVENTS,
    list_claim,
    list_event,
    list_icmp,
    list_neighbor,
)
from pcapdiag.flows.records import see_first
from pcapdiag.flows.segments import MOST_SEGMENTS
from pcapdiag.flows.state import CLAIMS, EVENTS, FLOWS, ICMP, NEIGHBORS, SEGMENTS, Tables
from pcapdiag.flows.streams import stream_of
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.dispatch import follow
from pcapdiag.layers.ipv6 import behind_fragments
from pcapdiag.layers.link_types import layer_of_link_type
from pcapdiag.layers.octets import Octets, octets_of
from pcapdiag.layers.packet import Packet, puts_off, start, stop
from pcapdiag.layers.tcp import BEYOND

FLOWS_AHEAD: Final = 4
"""A packet adds at most its connection and two hops."""
EVENTS_AHEAD: Final = 2 * MOST_EVENTS
AHEAD: Final = 12
"""Packets whose headers are on their way to the processor's cache: another thread has read them."""
LINE: Final = 64
"""Octets that come together; the usual headers lie in two such lines."""
MOST_NESTED: Final = 3
"""Fragments within a datagram that came in fragments itself."""
SEGMENTS_AHEAD: Final = 2 * MOST_SEGMENTS + 4
"""A first copy duplicates both queues of its connection."""


@kernel
def walk(
    data: Octets,
    records: NDArray[Any],
    begin: int,
    file: int,
    first_number: int,
    base: int,
    link_types: NDArray[Any],
    tables: Tables,
    scratch: NDArray[Any],
) -> int:
    """Take in the packets from index `begin` on; return the index of the first one left.

    It stops early when a table lacks room for what one more packet may add, and, where the scratch is
    for common packets (:data:`pcapdiag.layers.packet.COMMON`), at a packet that it does not read.
    """
    packet = scratch[0]
    for index in range(begin, len(records)):
        if not has_room(tables):
            return index
        if index + AHEAD < len(records):
            coming = int(records[index + AHEAD]["at"])
            soon(data, coming)
            soon(data, coming + LINE)
        load(records[index], packet)
        packet["frame"] = first_number + index
        packet["position"] = base + packet["at"]
        interface = packet["interface"]
        link_type = int(link_types[interface]) if 0 <= interface < len(link_types) else -1
        octets = data
        number = layer_of_link_type(link_type, packet)
        outcome = layer.STOP
        for _ in range(MOST_NESTED):
            outcome = follow(number, octets, packet)
            if puts_off(packet) and outcome in (layer.PUT_OFF, layer.DONE_FRAGMENT):
                return index
            if outcome != layer.DONE_FRAGMENT:
                break
            outcome = stop(packet, reasons.FRAGMENT)
            if not join(tables, octets, packet):
                break
            octets = octets_of(tables.heads_read)
            number = behind_fragments(octets, packet)
        if outcome == layer.DONE_TCP:
            take_tcp(octets, tables, file, packet)
        elif outcome == layer.DONE_ICMP:
            list_icmp(tables, file, packet)
        elif outcome == layer.DONE_NEIGHBOR:
            list_neighbor(tables, file, packet)
        else:
            tables.undecoded[packet["reason"]] += 1
            if packet["claim_at"] >= 0:
                list_claim(octets, tables, file, packet, -1, -1)
    return len(records)


@kernel
def has_room(tables: Tables) -> bool:
    """Tell whether one more packet fits whatever it holds."""
    used = tables.used
    # The index must stay half empty, and is given as many slots as twice the records.
    return bool(
        used[FLOWS] + FLOWS_AHEAD <= len(tables.flows)
        and used[EVENTS] + EVENTS_AHEAD <= len(tables.events)
        and used[SEGMENTS] + SEGMENTS_AHEAD <= len(tables.segments)
        and used[NEIGHBORS] < len(tables.neighbors)
        and used[ICMP] < len(tables.icmp)
        and used[CLAIMS] < len(tables.claims)
    )


@kernel
def load(record: Any, packet: Packet) -> None:
    """Begin a packet: where it lies, how long it was, when and where it came."""
    start(packet)
    at = int(record["at"])
    captured = int(record["captured"])
    wire = max(captured, int(record["wire"]))
    wire_end = at + max(wire - int(record["check"]), 0)
    packet["at"] = at
    packet["end"] = min(at + captured, wire_end)
    packet["wire_end"] = wire_end
    packet["captured"] = captured
    packet["wire"] = wire
    packet["time_ns"] = int(record["time_ns"])
    packet["interface"] = int(record["interface"])
    direction = int(record["direction"])
    packet["link_direction"] = -1
    if direction == 1:
        packet["link_direction"] = 0
    elif direction == 2:
        packet["link_direction"] = layer.SENT


@kernel
def take_tcp(data: Octets, tables: Tables, file: int, packet: Packet) -> None:
    """Count a TCP packet in its connection and in its hop."""
    if packet["fragment"]:
        tables.undecoded[reasons.FRAGMENT] -= packet["frames"] - 1
        # The rest of a fragment that was cut is not known, so nothing is that depends on length.
        if packet["more_fragments"]:
            packet["payload"] = 0
            packet["payload_captured"] = 0
            packet["whole_header"] = BEYOND
    digest = expect(tables, packet)
    whole, direction = stream_of(tables, file, packet)
    flow = tables.flows[whole]
    if flow["first_frame"] < 0:
        see_first(flow, packet)
    what, record = sight(tables, whole, packet, direction, digest)
    # With hop records the hop has the events, without them the whole record.
    if what == DUPLICATE_COPY:
        flow["duplicates"][direction] += 1
        list_event(tables, whole, packet, direction, DUPLICATE)
    elif what == COPY:
        flow["copies"][direction] += 1
    listed = 1 if record < 0 and flow["first_hop"] < 0 else 0
    account(data, tables, whole, packet, direction, listed)
    if record >= 0:
        hop = tables.flows[record]
        if hop["first_frame"] < 0:
            see_first(hop, packet)
        account(data, tables, record, packet, direction, 1)
    if packet["claim_at"] >= 0:
        list_claim(data, tables, file, packet, record if record >= 0 else whole, direction)
