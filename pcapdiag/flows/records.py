"""New records of the flow table: a connection's first packet, and a hop's first copy."""

from typing import Any, Final

from pcapdiag.compiled import kernel
from pcapdiag.flows.segments import copy_segments
from pcapdiag.flows.state import FLOWS, STREAMS, Tables
from pcapdiag.layers.packet import Packet
from pcapdiag.layers.tcp import ACK, SYN

PRIVILEGED: Final = 1024
"""Ports below belong to services (RFC 6335 6)."""


@kernel
def initiator_first(packet: Packet) -> bool:
    """Tell whether the sender of a connection's first captured packet is taken for its initiator.

    A SYN or SYN-ACK says so; without them the side with the service port is the responder when
    only one of the two has one, else the sender of the first packet is the initiator (until
    :mod:`pcapdiag.flows.orientation` knows better).
    """
    if packet["flags"] & SYN:
        return bool(packet["flags"] & ACK == 0)
    to_service = packet["destination_port"] < PRIVILEGED
    from_service = packet["source_port"] < PRIVILEGED
    return bool(to_service or not from_service)


@kernel
def new_record(tables: Tables) -> int:
    """Take the next free record, as it is before its first packet."""
    record = int(tables.used[FLOWS])
    tables.used[FLOWS] += 1
    tables.flows[record] = tables.empty_flow[0]
    tables.states[record] = tables.empty_state[0]
    return record


@kernel
def new_flow(tables: Tables, file: int, packet: Packet, from_initiator: bool) -> int:
    """Add the whole record of a connection; return its number."""
    record = new_record(tables)
    flow = tables.flows[record]
    flow["file"] = file
    flow["flow"] = tables.used[STREAMS]
    tables.used[STREAMS] += 1
    flow["whole"] = record
    flow["ip_version"] = packet["ip_version"]
    address = flow["address"]
    here = 0 if from_initiator else 1
    for word in range(4):
        address[here, word] = packet["source"][word]
        address[1 - here, word] = packet["destination"][word]
    flow["port"][here] = packet["source_port"]
    flow["port"][1 - here] = packet["destination_port"]
    return record


@kernel
def see_first(flow: Any, packet: Packet) -> None:
    """Note where and when the first packet of a record was seen."""
    flow["vlan"] = packet["vlan"]
    flow["interface"] = packet["interface"]
    flow["first_frame"] = packet["frame"]
    flow["first_ns"] = packet["time_ns"]
    flow["last_ns"] = packet["time_ns"]
    flow["first_position"] = packet["position"]
    flow["tunnel"] = packet["tunnel"]
    flow["tunnel_id"] = packet["tunnel_id"]
    if packet["outer_version"]:
        flow["outer_version"] = packet["outer_version"]
        outer = flow["outer"]
        for word in range(4):
            outer[0, word] = packet["outer_source"][word]
            outer[1, word] = packet["outer_destination"][word]


@kernel
def copy_as_hop(tables: Tables, whole: int) -> int:
    """Add hop 0 of a connection: everything its whole record holds so far."""
    record = int(tables.used[FLOWS])
    tables.used[FLOWS] += 1
    tables.flows[record] = tables.flows[whole]
    tables.states[record] = tables.states[whole]
    copy_segments(tables, tables.states[whole], tables.states[record])
    hop = tables.flows[record]
    hop["hop"] = 0
    hop["first_hop"] = record
    hop["next_hop"] = -1
    hop["whole"] = whole
    tables.flows[whole]["first_hop"] = record
    return record


@kernel
def new_hop(tables: Tables, whole: int, last: int) -> int:
    """Add another hop behind the connection's last one; it has seen nothing yet."""
    record = new_record(tables)
    hop = tables.flows[record]
    flow = tables.flows[whole]
    hop["file"] = flow["file"]
    hop["flow"] = flow["flow"]
    hop["ip_version"] = flow["ip_version"]
    hop["reused_ports"] = flow["reused_ports"]
    hop["hop"] = tables.flows[last]["hop"] + 1
    hop["first_hop"] = flow["first_hop"]
    hop["whole"] = whole
    for end in range(2):
        hop["port"][end] = flow["port"][end]
        for word in range(4):
            hop["address"][end, word] = flow["address"][end, word]
    tables.flows[last]["next_hop"] = record
    return record
