"""Writes single packets into the event tables; each table is bounded, the rest is counted."""

from typing import Final

from pcapdiag.compiled import apart, kernel
from pcapdiag.flows.events import CLAIMING_PACKETS, EVENTS_PER_FLOW, LONGEST_CLAIM
from pcapdiag.flows.index import find, matches
from pcapdiag.flows.state import CLAIMS, EVENTS, ICMP, NEIGHBORS, Tables
from pcapdiag.flows.streams import stream_of
from pcapdiag.layers import reasons
from pcapdiag.layers.numbers import CLIENT_ADDRESS
from pcapdiag.layers.octets import Octets, u8
from pcapdiag.layers.packet import Packet, uncommon
from pcapdiag.layers.tcp import ACK

(
    SYN_SEEN, SYN_ACK_SEEN, FINISH, RESET, DATA, RETRANSMISSION, OUT_OF_ORDER, ZERO_WINDOW,
    KEEP_ALIVE, TURN, DUPLICATE, ACKED_UNSEEN,
) = range(12)  # fmt: skip
"""Indexes into events.EVENT_KINDS."""
TCP_OPTION, IP_OPTION, IP_PROTOCOL = range(3)
"""Indexes into events.CARRIERS."""
MOST_EVENTS: Final = 12
"""That one packet can have in its record."""
MOST_MESSAGES: Final = 1_000_000
"""Neighbour messages, ICMP errors, and claims that are listed in one analysis."""


@kernel
def list_event(tables: Tables, record: int, packet: Packet, direction: int, kind: int) -> None:
    """Write one event of a flow; the caller sees to room in the table."""
    flow = tables.flows[record]
    flow["event_count"] += 1
    if flow["event_count"] > EVENTS_PER_FLOW:
        return
    event = tables.events[int(tables.used[EVENTS])]
    tables.used[EVENTS] += 1
    event["kind"] = kind
    event["record"] = record
    event["direction"] = direction
    event["file"] = flow["file"]
    event["frame"] = packet["frame"]
    event["time_ns"] = packet["time_ns"]
    event["position"] = packet["position"]
    event["payload"] = packet["payload"]
    event["seq"] = packet["seq"]
    event["ack"] = packet["ack"] if packet["flags"] & ACK else -1


@apart
def list_neighbor(tables: Tables, file: int, packet: Packet) -> None:
    """Write an ARP or neighbour discovery message."""
    if tables.used[NEIGHBORS] >= MOST_MESSAGES:
        tables.undecoded[reasons.NEIGHBORS_UNLISTED] += 1
        return
    row = tables.neighbors[int(tables.used[NEIGHBORS])]
    tables.used[NEIGHBORS] += 1
    row["kind"] = packet["neighbor_kind"]
    row["file"] = file
    row["frame"] = packet["frame"]
    row["time_ns"] = packet["time_ns"]
    row["interface"] = packet["interface"]
    row["vlan"] = packet["vlan"]
    row["ip_version"] = packet["ip_version"]
    for word in range(4):
        row["sender"][word] = packet["sender"][word]
        row["target"][word] = packet["target"][word]
    row["sender_mac"] = packet["sender_mac"]
    row["target_mac"] = packet["target_mac"]
    row["mac"][0] = packet["source_mac"]
    row["mac"][1] = packet["destination_mac"]
    row["link_direction"] = packet["link_direction"]
    row["broadcast"] = packet["broadcast"]


@apart
def list_claim(
    data: Octets, tables: Tables, file: int, packet: Packet, record: int, direction: int
) -> None:
    """Write an option that may name the client; record -1: the packet is not TCP."""
    if tables.used[CLAIMS] >= MOST_MESSAGES or packet["fragment"]:
        return
    if record >= 0 and tables.flows[record]["packets"][direction] > CLAIMING_PACKETS:
        return
    row = tables.claims[int(tables.used[CLAIMS])]
    tables.used[CLAIMS] += 1
    row["file"] = file
    row["frame"] = packet["frame"]
    row["record"] = record
    row["direction"] = direction
    row["carrier"] = TCP_OPTION
    at = packet["claim_at"]
    end = min(packet["end"], packet["payload_at"])
    if record < 0:
        behind = packet["reason"] == reasons.PROTOCOLS + CLIENT_ADDRESS
        row["carrier"] = IP_PROTOCOL if behind else IP_OPTION
        end = packet["end"]
    size = max(0, min(end - at, LONGEST_CLAIM))
    row["size"] = size
    for place in range(size):
        row["octets"][place] = u8(data, at + place)


@uncommon(None)
def list_icmp(tables: Tables, file: int, packet: Packet) -> None:
    """Write an ICMP error and note it in the flow that it quotes."""
    slot = write_icmp(tables, file, packet)
    record, direction = quoted_flow(tables, file, packet)
    if slot >= 0:
        tables.icmp[slot]["record"] = record
        tables.icmp[slot]["direction"] = direction
    if record >= 0:
        flow = tables.flows[record]
        flow["icmp_errors"] += 1
        if flow["icmp_frame"] < 0:
            flow["icmp_frame"] = packet["frame"]
            flow["icmp_type"] = packet["icmp_type"]
            flow["icmp_code"] = packet["icmp_code"]


@kernel
def write_icmp(tables: Tables, file: int, packet: Packet) -> int:
    """Write an ICMP error without its flow; return its place in the table, -1: no more are kept."""
    if tables.used[ICMP] >= MOST_MESSAGES:
        tables.undecoded[reasons.ICMP_UNLISTED] += 1
        return -1
    slot = int(tables.used[ICMP])
    row = tables.icmp[slot]
    tables.used[ICMP] += 1
    row["file"] = file
    row["frame"] = packet["frame"]
    row["time_ns"] = packet["time_ns"]
    row["ip_version"] = packet["ip_version"]
    row["type"] = packet["icmp_type"]
    row["code"] = packet["icmp_code"]
    row["mtu"] = packet["icmp_mtu"]
    quotes = packet["quoted_version"] > 0
    for word in range(4):
        row["sender"][word] = packet["source"][word]
        row["receiver"][word] = packet["destination"][word]
        row["gateway"][word] = packet["icmp_gateway"][word]
        row["quoted"][0, word] = packet["quoted_source"][word] if quotes else 0
        row["quoted"][1, word] = packet["quoted_destination"][word] if quotes else 0
    row["quoted_port"][0] = packet["quoted_source_port"]
    row["quoted_port"][1] = packet["quoted_destination_port"]
    row["mac"][0] = packet["source_mac"]
    row["mac"][1] = packet["destination_mac"]
    return slot


@kernel
def quoted_flow(tables: Tables, file: int, packet: Packet) -> tuple[int, int]:
    """Return the whole record and the direction of a quoted packet, -1 and -1 when unknown.

    A quoted TCP header takes part in telling connections apart as if it had been captured, and
    begins one that is dropped at the end if no packet of it comes (so does Wireshark, which shows
    in its stream numbers).
    """
    if packet["quoted_version"] == 0 or packet["quoted_source_port"] < 0:
        return -1, -1
    version = packet["quoted_version"]
    source = packet["quoted_source"]
    destination = packet["quoted_destination"]
    source_port = packet["quoted_source_port"]
    destination_port = packet["quoted_destination_port"]
    if packet["quoted_flags"] >= 0:
        adopt_quoted(packet)
        return stream_of(tables, file, packet)
    slot = find(tables, version, source, source_port, destination, destination_port)
    record = int(tables.slots[slot])
    if record < 0:
        return -1, -1
    flow = tables.flows[record]
    return record, matches(flow, version, source, source_port, destination, destination_port)


@kernel
def adopt_quoted(packet: Packet) -> None:
    """Put the quoted packet in the place of the one that quotes it."""
    packet["ip_version"] = packet["quoted_version"]
    for word in range(4):
        packet["source"][word] = packet["quoted_source"][word]
        packet["destination"][word] = packet["quoted_destination"][word]
    packet["source_port"] = packet["quoted_source_port"]
    packet["destination_port"] = packet["quoted_destination_port"]
    packet["seq"] = packet["quoted_seq"]
    packet["ack"] = packet["quoted_ack"]
    packet["flags"] = packet["quoted_flags"]
