"""The columns of `flow`, `hop` and `back`: a connection, one of its places, and what it is to a session.

Most are those of the flow table (:mod:`pcapdiag.flows.table`) as they are.
"""

from typing import Final

from pcapdiag.facts.columns import (
    BIGINT,
    DOUBLE,
    Column,
    count,
    text,
    time,
    true,
)
from pcapdiag.flows import table

DIRECTIONS: Final = ("to_responder", "to_initiator")

_OWN_WORDS: Final = frozenset(
    {"file", "hop", "first_hop", "next_hop", "whole", "address", "port", "mac", "outer"}
    | {"tunnel", "handshake", "close", "prefix", "sack_permitted", "reused_ports"}
    | {"outer_version", "opening", "tls_alert"}
)
"""Columns of the flow table that the tables name or type differently."""

_RUNNING_STATE: Final = frozenset({"event_count"})
"""Columns of the flow table that only the kernel needs."""


def _unit(name: str) -> str:
    if name.endswith("_ns"):
        return "ns"
    return "bytes" if name in {"bytes", "frame_bytes", "mss"} or "payload" in name else ""


def measured() -> tuple[tuple[Column, str, int | None], ...]:
    """Return the columns taken from the flow table as they are: (column, its field, direction)."""
    found: list[tuple[Column, str, int | None]] = []
    for field in table.COLUMNS:
        if field.name in _OWN_WORDS | _RUNNING_STATE:
            continue
        unit = _unit(field.name)
        if field.shape == ():
            found.append((Column(field.name, BIGINT, field.meaning, unit), field.name, None))
        elif field.shape == (2,):
            found += [
                (
                    Column(f"{field.name}_{way}", BIGINT, f"{field.meaning}; {_WAYS[way]}", unit),
                    field.name,
                    direction,
                )
                for direction, way in enumerate(DIRECTIONS)
            ]
    return tuple(found)


_WAYS: Final = {
    "to_responder": "packets to the responder",
    "to_initiator": "packets to the initiator",
}

WORDED: Final = (
    count("record", "number of this row among all flows and hops; what `session` refers to"),
    text("file", "capture, as the user named it"),
    text("source", "address of the initiator (who sent the first SYN)"),
    Column("source_port", BIGINT, "port of the initiator"),
    text("destination", "address of the responder"),
    Column("destination_port", BIGINT, "port of the responder"),
    text("handshake", "how far it came: " + ", ".join(table.HANDSHAKES)),
    text("close", "how it ended: " + ", ".join(table.CLOSES) + " (`fin`: both sides)"),
    text("tunnel", "innermost encapsulation of the first packet; NULL: none"),
    text("outer_source", "source address of the IP header that carried it, in the first packet"),
    text("outer_destination", "destination address of that header"),
    text("mac_to_responder", "source MAC of packets to the responder"),
    text("mac_to_initiator", "source MAC of packets to the initiator"),
    text("next_mac_to_responder", "destination MAC of packets to the responder"),
    text("next_mac_to_initiator", "destination MAC of packets to the initiator"),
    text(
        "opening_to_responder",
        "what the initiator's stream begins with: "
        + ", ".join(table.OPENINGS)
        + " (`code`: a reply code as of SMTP); NULL: its beginning was not captured",
    ),
    text("opening_to_initiator", "what the responder's begins with"),
    text(
        "tls_alert_to_responder",
        "fatal TLS alert that the initiator sent in the clear (RFC 8446 6.2); NULL: none",
    ),
    text("tls_alert_to_initiator", "such an alert of the responder"),
    true("sack_permitted_to_responder", "the initiator offered SACK (RFC 2018)"),
    true("sack_permitted_to_initiator", "the responder offered SACK"),
    true(
        "answer_astray",
        "the SYN-ACK left for another MAC than the one the SYN came from, and the initiator answered it "
        "with RST or not at all, as some capture shows; NULL: MACs or SYN-ACK not seen",
    ),
    text("astray_file", "capture that shows it"),
    count("astray_frame", "frame of that SYN-ACK"),
    text("astray_mac", "MAC that it was sent to"),
    text(
        "astray_hop",
        "address that claims this MAC, with the MAC behind it; the MAC alone: none does",
    ),
    true("astray_to_client", "that MAC is the initiator's own"),
    count("places", "places on the path where it was seen"),
    count("ttl_span", "largest less smallest TTL of packets to the responder, all places together"),
    text("ended_by", "whose FIN or RST came first: `initiator` or `responder`; NULL: none seen"),
    time(
        "silent_ns",
        "from the initiator's last payload (from the handshake where it sent none) until it ended the "
        "connection itself, without a byte of answer; NULL: it did not",
    ),
    count(
        "taken_beside",
        "connections of the same two ends that were taken and got not a byte of answer, open when the first "
        "of these SYNs came; NULL: they were answered",
    ),
    count("asked_beside", "of these: over which something was asked"),
    text("icmp_sender", "who sent the ICMP error in `icmp_frame`"),
    true("reused_ports", "another connection of the same end points came before in this file"),
)

CONTRACT: Final = (
    "file", "flow", "source", "source_port", "destination", "destination_port", "first_frame",
    "last_frame", "first_ns", "last_ns", "handshake", "close", "syn_count", "syn_ack_count",
    *(
        f"{name}_{way}"
        for name in (
            "packets", "bytes", "retransmissions", "out_of_order", "duplicate_acks", "zero_windows",
            "keep_alives", "resets", "fins", "isn", "mss", "window_scale", "ttl", "mac",
        )
        for way in DIRECTIONS
    ),
)  # fmt: skip
"""Columns of `flow` that docs/design.md section 10 promises to scripts, in its order: they come first."""


def _contract_first(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    place = {name: number for number, name in enumerate(CONTRACT)}
    return tuple(sorted(columns, key=lambda column: place.get(column.name, len(place))))


FLOW: Final = _contract_first(WORDED + tuple(column for column, _, _ in measured()))

HOP: Final = (*FLOW, count("hop", "0, 1...: place on the path; NULL: seen at one place only"))

BACK: Final = (
    *HOP,
    count("session", "session it belongs to"),
    count("position", "1, 2...: order among the backs of its session"),
    Column("confidence", DOUBLE, "share of such pairs that are right, 0 to 1"),
    text("matched_by", "kinds of evidence that made the pair, comma-separated"),
    text(
        "source_kind",
        "whose address the SYN carries: `client` (kept), `balancer`, `server` (of the pool), else `other`",
    ),
    text(
        "result",
        "what came of the connection attempt: `answered`, `refused` (RST), `unanswered` (SYNs only), "
        "`pending` (the same, but the capture ends too soon to say); "
        "NULL: cannot be told, for example because answers pass elsewhere (DSR)",
    ),
    time("left_ns", "capture time left after the last SYN"),
    true("served", "the server sent payload: captured, or acknowledged"),
    text("client_asked_file", "capture of `client_asked_frame`"),
    count(
        "client_asked_frame",
        "the server asked by broadcast for this client's own MAC right after a SYN with the client's "
        "address: it takes the client for on-link",
    ),
    time("client_asked_after_ns", "time between that SYN and the request"),
    Column("client_asked_chance", DOUBLE, "chance that such a request falls there by accident"),
    text(
        "arrived_file",
        "another capture, taken at the server, that shows these SYNs arrive and nothing go back",
    ),
    count("arrived_frame", "frame of the first of them there"),
)
