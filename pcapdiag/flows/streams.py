"""Which connection a packet belongs to: end points, and where one connection ends and the next begins.

The same end points with another initial sequence number are another connection, split where
Wireshark 4.0 splits (its ``tcp.stream``): at a SYN whose number differs from the first one known
for its direction.
"""

from typing import Any

from pcapdiag.compiled import kernel
from pcapdiag.flows.index import find, matches
from pcapdiag.flows.records import initiator_first, new_flow
from pcapdiag.flows.sequence import add
from pcapdiag.flows.state import Tables
from pcapdiag.layers.packet import Packet
from pcapdiag.layers.tcp import ACK, BEYOND, SYN


@kernel
def stream_of(tables: Tables, file: int, packet: Packet) -> tuple[int, int]:
    """Return the whole record of a packet's connection, made when needed, and its direction."""
    version = packet["ip_version"]
    source = packet["source"]
    destination = packet["destination"]
    source_port = packet["source_port"]
    destination_port = packet["destination_port"]
    slot = find(tables, version, source, source_port, destination, destination_port)
    record = int(tables.slots[slot])
    if record >= 0:
        flow = tables.flows[record]
        direction = matches(flow, version, source, source_port, destination, destination_port)
        if not begins_anew(tables.states[record], packet, direction):
            learn_base(tables.states[record], packet, direction)
            return record, direction
    forward = initiator_first(packet)
    fresh = new_flow(tables, file, packet, forward)
    tables.flows[fresh]["reused_ports"] = 1 if record >= 0 else 0
    tables.slots[slot] = fresh
    # Of two ends with the same address and port nothing says who sent.
    direction = 0
    if not forward:
        flow = tables.flows[fresh]
        direction = matches(flow, version, source, source_port, destination, destination_port)
    learn_base(tables.states[fresh], packet, direction)
    return fresh, direction


@kernel
def begins_anew(state: Any, packet: Packet, direction: int) -> bool:
    """Tell whether a packet of known end points begins another connection."""
    if packet["flags"] & (SYN | ACK) != SYN:
        return False
    return bool(state["base_known"][direction] and state["base_seq"][direction] != packet["seq"])


@kernel
def learn_base(state: Any, packet: Packet, direction: int) -> None:
    """Take a direction's first sequence number from its first packet, or from an ACK for it."""
    back = 1 - direction
    flags = packet["flags"]
    # A SYN-ACK with another number replaces it.
    if flags & (SYN | ACK) == SYN | ACK and state["base_known"][direction]:
        state["base_seq"][direction] = packet["seq"]
    if packet["whole_header"] == BEYOND:
        return
    if not state["base_known"][direction]:
        state["base_known"][direction] = 1
        state["base_seq"][direction] = packet["seq"] if flags & SYN else add(packet["seq"], -1)
    if not state["base_known"][back] and flags & ACK:
        state["base_known"][back] = 1
        state["base_seq"][back] = add(packet["ack"], -1)
