"""The flow and event tables as columns: nothing is copied that nobody asks for."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pcapdiag.facts.addresses import Numbered, file_texts, mac_texts, words_of
from pcapdiag.facts.astray import astray_columns
from pcapdiag.facts.columns import BIGINT, Column, count, text, time, true
from pcapdiag.facts.connections import DIRECTIONS, measured
from pcapdiag.facts.flow_ends import ENDERS, ended_by, silent_ns
from pcapdiag.facts.source import Source, take
from pcapdiag.facts.waiting import waiting_beside
from pcapdiag.flows.events import EVENT_KINDS, NEIGHBOR_KINDS
from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import CLOSES, HANDSHAKES, OPENINGS, TUNNELS, FlowTable
from pcapdiag.payload.tls import ALERTS

_MEASURED = {column.name: (field, direction) for column, field, direction in measured()}

_MACS = {
    "mac_to_responder": (0, 0),
    "mac_to_initiator": (1, 0),
    "next_mac_to_responder": (0, 1),
    "next_mac_to_initiator": (1, 1),
}

_WORDS = {"handshake": HANDSHAKES, "close": CLOSES, "tunnel": TUNNELS}
_WORDS_EACH_WAY = {"opening": OPENINGS, "tls_alert": ALERTS}

_DIRECTIONS = ("to-responder", "to-initiator")


EVENT: Final = (
    text("kind", "what happened"),
    count("record", "flow or hop, as in `hop`"),
    text("direction", "`to-responder` or `to-initiator`"),
    text("file", "capture"),
    count("frame", "frame number"),
    time("time_ns", "since 1970-01-01 UTC"),
    Column("payload", BIGINT, "TCP payload", "bytes"),
    count("seq", "raw sequence number"),
    count("ack", "raw acknowledgement number; NULL: ACK not set"),
)

NEIGHBOR: Final = (
    text("kind", "arp-request, arp-reply, neighbor-solicitation, neighbor-advertisement"),
    text("file", "capture"),
    count("frame", "frame number"),
    time("time_ns", "since 1970-01-01 UTC"),
    count("vlan", "VLAN id; NULL: untagged"),
    text("sender", "address that asks, or that an answer speaks for; NULL: none (a probe)"),
    text("target", "address asked for; in answers, who asked"),
    text("sender_mac", "MAC that the sender claims"),
    text("target_mac", "MAC of the target as said in the message"),
    text("mac", "source MAC of the frame"),
    text("next_mac", "destination MAC of the frame"),
    true("broadcast", "sent to broadcast or multicast"),
)

ICMP: Final = (
    text("file", "capture"),
    count("frame", "frame number"),
    time("time_ns", "since 1970-01-01 UTC"),
    count("ip_version", "4 or 6"),
    count("type", "type (RFC 792, RFC 4443)"),
    count("code", "code"),
    Column("mtu", BIGINT, "next-hop MTU it names", "bytes"),
    text("sender", "who says so"),
    text("receiver", "to whom"),
    text("gateway", "router that a redirect names"),
    count("record", "flow quoted inside"),
    text("quoted_source", "source of the quoted packet"),
    text("quoted_destination", "its destination"),
    count("quoted_source_port", "its source port"),
    count("quoted_destination_port", "its destination port"),
)


def flow_source(traffic: Traffic, numbered: Numbered) -> Source:
    """Return the columns of `flow` and `hop`, one row a record of the flow table."""
    flows = traffic.flows
    astray = astray_columns(traffic, numbered)

    def pick(name: str, rows: Ints) -> NDArray[Any]:
        if name in _MEASURED:
            field, direction = _MEASURED[name]
            # An ICMP error quotes a packet, not the place where that was seen.
            at = take(flows["whole"], rows) if field.startswith("icmp_") else rows
            return take(flows[field] if direction is None else flows[field][:, direction], at)
        if name in _MACS:
            direction, end = _MACS[name]
            return mac_texts(take(flows["mac"][:, direction, end], rows))
        if name in _WORDS:
            return words_of(take(flows[name], rows), _WORDS[name])
        field, _, way = name.rpartition("_to_")
        if field in _WORDS_EACH_WAY:
            code = flows[field][:, DIRECTIONS.index(f"to_{way}")]
            return words_of(take(code, rows), _WORDS_EACH_WAY[field])
        if name in astray:
            return take(astray[name], rows)
        return _named(traffic, numbered, name, rows)

    return Source(len(flows), pick)


def _named(traffic: Traffic, numbered: Numbered, name: str, rows: Ints) -> NDArray[Any]:
    flows = traffic.flows
    match name:
        case "record":
            return rows
        case "file":
            return file_texts(traffic, take(flows["file"], rows))
        case "source" | "destination":
            end = int(name == "destination")
            return numbered.book.text(take(numbered.flow[:, end], rows))
        case "outer_source" | "outer_destination":
            return numbered.book.text(
                take(numbered.outer[:, int(name == "outer_destination")], rows)
            )
        case "source_port" | "destination_port":
            return take(flows["port"][:, int(name == "destination_port")], rows)
        case "sack_permitted_to_responder" | "sack_permitted_to_initiator":
            return take(flows["sack_permitted"][:, int(name.endswith("initiator"))], rows)
        case "reused_ports" | "hop":
            return take(flows[name], rows)
        case "places":
            return take(places(flows), rows)
        case "ttl_span":
            return take(ttl_span(flows), rows)
        case "ended_by":
            return words_of(take(ended_by(flows), rows), ENDERS)
        case "silent_ns":
            return take(silent_ns(flows), rows)
        case "taken_beside":
            return take(waiting_beside(flows, np.ones(len(flows), np.bool_)), rows)
        case "asked_beside":
            return take(waiting_beside(flows, flows.spoke[:, 0]), rows)
        case "icmp_sender":
            quoted = take(flows["whole"], rows)
            return numbered.book.text(icmp_senders(traffic, numbered, quoted))
    raise KeyError(name)


def places(flows: FlowTable) -> Ints:
    """Return at how many places on the path the connection of each record was seen."""
    hops = np.bincount(flows["whole"][flows["hop"] >= 0], minlength=len(flows))
    found: Ints = np.maximum(hops, 1)[flows["whole"]].astype(np.int64)
    return found


def ttl_span(flows: FlowTable) -> Ints:
    """Return by how much TTLs to the responder differ in the whole connection; -1: not known."""
    low, high = (flows[name][:, 0].astype(np.int64) for name in ("ttl_low", "ttl_high"))
    span = np.where((low >= 0) & (high >= 0), high - low, -1)
    found: Ints = span[flows["whole"]]
    return found


def icmp_senders(traffic: Traffic, numbered: Numbered, whole: Ints) -> Ints:
    """Return who sent the first ICMP error that quotes each of these whole records; -1: none listed."""
    flows, errors = traffic.flows, traffic.icmp
    place = errors["file"] << 48 | errors["frame"]
    order = np.argsort(place, kind="stable")
    frame = take(flows["icmp_frame"], whole)
    wanted = take(flows["file"], whole).astype(np.int64) << 48 | frame
    at = np.searchsorted(place[order], wanted)
    known = (frame >= 0) & (take(place[order], np.where(at < len(order), at, -1)) == wanted)
    return take(numbered.icmp[order, 0], np.where(known, at, -1))


def event_source(traffic: Traffic) -> Source:
    """Return the columns of `event`."""
    events = traffic.events

    def column(name: str) -> NDArray[Any]:
        match name:
            case "kind":
                return words_of(events["kind"], EVENT_KINDS)
            case "direction":
                return words_of(events["direction"], _DIRECTIONS)
            case "file":
                return file_texts(traffic, events["file"])
        if name in ("record", "frame", "time_ns", "payload", "seq", "ack"):
            return events[name]
        raise KeyError(name)

    return Source(len(events), lambda name, rows: take(column(name), rows))


def frames_of_events(
    traffic: Traffic, record: int, kind: str, direction: str, limit: int
) -> list[int]:
    """Return the frames of one leg's first events of a kind; an empty direction means both."""
    events = traffic.events[traffic.events_of(record)]
    chosen = events["kind"] == EVENT_KINDS.index(kind)
    if direction:
        chosen &= events["direction"] == _DIRECTIONS.index(direction)
    found: list[int] = np.sort(events["frame"][chosen])[:limit].tolist()
    return found


def neighbor_source(traffic: Traffic, numbered: Numbered) -> Source:
    """Return the columns of `neighbor`."""
    events = traffic.neighbors
    frame_macs = {"mac": 0, "next_mac": 1}

    def column(name: str) -> NDArray[Any]:
        match name:
            case "kind":
                return words_of(events["kind"], NEIGHBOR_KINDS)
            case "file":
                return file_texts(traffic, events["file"])
            case "sender":
                return numbered.book.text(numbered.sender)
            case "target":
                return numbered.book.text(numbered.target)
            case "sender_mac" | "target_mac":
                return mac_texts(events[name])
        if name in frame_macs:
            return mac_texts(events["mac"][:, frame_macs[name]])
        if name in ("frame", "time_ns", "vlan", "broadcast"):
            return events[name]
        raise KeyError(name)

    return Source(len(events), lambda name, rows: take(column(name), rows))


def icmp_source(traffic: Traffic, numbered: Numbered) -> Source:
    """Return the columns of `icmp`."""
    events = traffic.icmp
    addresses = ("sender", "receiver", "gateway", "quoted_source", "quoted_destination")
    ports = ("quoted_source_port", "quoted_destination_port")

    def column(name: str) -> NDArray[Any]:
        if name == "file":
            return file_texts(traffic, events["file"])
        if name in addresses:
            return numbered.book.text(numbered.icmp[:, addresses.index(name)])
        if name in ports:
            return events["quoted_port"][:, ports.index(name)]
        if name in ("frame", "time_ns", "ip_version", "type", "code", "mtu", "record"):
            return events[name]
        raise KeyError(name)

    return Source(len(events), lambda name, rows: take(column(name), rows))
