"""Every column of every table that rules and queries may read: name, type, unit, meaning.

A column that is not here does not exist.  NULL is "not seen" or "does not apply" everywhere.
"""

from dataclasses import dataclass
from typing import Final

from pcapdiag.flows import table

BIGINT, VARCHAR, BOOLEAN, DOUBLE = "BIGINT", "VARCHAR", "BOOLEAN", "DOUBLE"


@dataclass(frozen=True)
class Column:
    """One column."""

    name: str
    type: str
    """SQL type."""
    meaning: str
    unit: str = ""
    """Empty: a plain count, number or word."""


@dataclass(frozen=True)
class Table:
    """One table."""

    name: str
    meaning: str
    columns: tuple[Column, ...]


def _count(name: str, meaning: str) -> Column:
    return Column(name, BIGINT, meaning)


def _time(name: str, meaning: str) -> Column:
    return Column(name, BIGINT, meaning, "ns")


def _text(name: str, meaning: str) -> Column:
    return Column(name, VARCHAR, meaning)


def _true(name: str, meaning: str) -> Column:
    return Column(name, BOOLEAN, meaning)


DIRECTIONS: Final = ("to_responder", "to_initiator")

_OWN_WORDS: Final = frozenset(
    {"file", "hop", "first_hop", "next_hop", "whole", "address", "port", "mac", "outer"}
    | {"tunnel", "handshake", "close", "prefix", "sack_permitted", "reused_ports"}
    | {"outer_version"}
)
"""Columns of the flow table that the tables name or type differently."""

_RUNNING_STATE: Final = frozenset(
    {"next_seq", "max_to_be_acked", "base_seq", "last_ack", "window", "duplicate_ack_run"}
    | {"last_ack_ns", "next_seq_ns", "last_flags", "stream_next", "last_speaker", "event_count"}
    | {"segment_ring", "recent", "recent_ns", "recent_place", "place"}
)
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
    _count("record", "number of this row among all flows and hops; what `session` refers to"),
    _text("file", "capture, as the user named it"),
    _text("source", "address of the initiator (who sent the first SYN)"),
    Column("source_port", BIGINT, "port of the initiator"),
    _text("destination", "address of the responder"),
    Column("destination_port", BIGINT, "port of the responder"),
    _text("handshake", "how far it came: " + ", ".join(table.HANDSHAKES)),
    _text("close", "how it ended: " + ", ".join(table.CLOSES) + " (`fin`: both sides)"),
    _text("tunnel", "innermost encapsulation of the first packet; NULL: none"),
    _text("outer_source", "source address of the IP header that carried it, in the first packet"),
    _text("outer_destination", "destination address of that header"),
    _text("mac_to_responder", "source MAC of packets to the responder"),
    _text("mac_to_initiator", "source MAC of packets to the initiator"),
    _text("next_mac_to_responder", "destination MAC of packets to the responder"),
    _text("next_mac_to_initiator", "destination MAC of packets to the initiator"),
    _true("sack_permitted_to_responder", "the initiator offered SACK (RFC 2018)"),
    _true("sack_permitted_to_initiator", "the responder offered SACK"),
    _true(
        "answer_astray",
        "the SYN-ACK left for another MAC than the one the SYN came from, and the initiator answered it "
        "with RST or not at all, as some capture shows; NULL: MACs or SYN-ACK not seen",
    ),
    _text("astray_file", "capture that shows it"),
    _count("astray_frame", "frame of that SYN-ACK"),
    _text("astray_mac", "MAC that it was sent to"),
    _text(
        "astray_hop",
        "address that claims this MAC, with the MAC behind it; the MAC alone: none does",
    ),
    _true("astray_to_client", "that MAC is the initiator's own"),
    _count("places", "places on the path where it was seen"),
    _count(
        "ttl_span", "largest less smallest TTL of packets to the responder, all places together"
    ),
    _true("reused_ports", "another connection of the same end points came before in this file"),
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


_FLOW: Final = _contract_first(WORDED + tuple(column for column, _, _ in measured()))

_HOP: Final = (*_FLOW, _count("hop", "0, 1...: place on the path; NULL: seen at one place only"))

_BACK: Final = (
    *_HOP,
    _count("session", "session it belongs to"),
    _count("position", "1, 2...: order among the backs of its session"),
    Column("confidence", DOUBLE, "share of such pairs that are right, 0 to 1"),
    _text("matched_by", "kinds of evidence that made the pair, comma-separated"),
    _text(
        "source_kind",
        "whose address the SYN carries: `client` (kept), `balancer`, `server` (of the pool), else `other`",
    ),
    _text(
        "result",
        "what came of the connection attempt: `answered`, `refused` (RST), `unanswered` (SYNs only), "
        "`pending` (the same, but the capture ends too soon to say); "
        "NULL: cannot be told, for example because answers pass elsewhere (DSR)",
    ),
    _time("left_ns", "capture time left after the last SYN"),
    _true("served", "the server sent payload"),
    _text("client_asked_file", "capture of `client_asked_frame`"),
    _count(
        "client_asked_frame",
        "the server asked by broadcast for this client's own MAC right after a SYN with the client's "
        "address: it takes the client for on-link",
    ),
    _time("client_asked_after_ns", "time between that SYN and the request"),
    Column("client_asked_chance", DOUBLE, "chance that such a request falls there by accident"),
    _text(
        "arrived_file",
        "another capture, taken at the server, that shows these SYNs arrive and nothing go back",
    ),
    _count("arrived_frame", "frame of the first of them there"),
)

_SESSION: Final = (
    _count("id", "number, counts from 1 in order of the first frame"),
    _text("file", "capture"),
    _text(
        "mode",
        "how the balancer forwarded it: snat, transparent, dnat, full-nat, dsr, tunnel, none, unknown",
    ),
    _text("outcome", "ok, failed, degraded, undetermined"),
    Column("confidence", DOUBLE, "the weakest pair's confidence; NULL: no back"),
    _true("health_check", "the balancer's own health check of a server"),
    _count("front", "record of the front flow; NULL: not captured"),
    _count("back", "record of the back that served, else of the last one tried; NULL: none"),
    _count("back_count", "backs"),
    _count("backs_answered", "of these: the server took the connection"),
    _count("backs_refused", "of these: the server answered the SYN with RST"),
    _count("backs_unanswered", "of these: no answer to any SYN"),
    _text("client", "the client's address as the balancer sees it; NULL: front not captured"),
    _count("client_port", "its port"),
    _true(
        "client_on_link", "the client's frames carry its own MAC; false: it comes through a gateway"
    ),
    _text("vip", "address the client called"),
    _count("vip_port", "its port"),
    _text("server", "real server of `back`"),
    _count("server_port", "its port"),
    _true("client_kept", "the server saw the client's address (transparent, dnat)"),
    _true("client_is_server", "the client's address is that of a real server"),
    _text("front_handshake", "handshake of the front"),
    _true("front_served", "the client got payload"),
    _count("front_first_frame", "first frame of the front"),
    _time("front_left_ns", "capture time left after the front's last SYN"),
    _time("front_open_ns", "from the front's first to its last packet"),
    _time(
        "waited_ns",
        "from the first SYN of the first back to the first SYN-ACK of any; NULL: none came",
    ),
    _text(
        "unresolved",
        "address that the balancer asked for in ARP or ND while this front was open, never answered",
    ),
    _count("unresolved_frame", "first of those requests"),
    _count("unresolved_requests", "how many"),
    Column(
        "client_acked_payload",
        BIGINT,
        "largest payload in one packet that this client acknowledged in any front",
        "bytes",
    ),
    _count(
        "redirect_frame",
        "ICMP redirect about this session's two ends, sent to one of them before the session was over",
    ),
    _text("redirect_sender", "who sent it"),
    _text("redirect_receiver", "to whom"),
    _text("redirect_gateway", "the router that it names"),
    _text(
        "unasked_server",
        "another address whose SYN-ACK the client refused with RST, never having called it, while this "
        "front got no service",
    ),
    _count("unasked_frame", "first of those SYN-ACKs"),
    _count("unasked_reset_frame", "the client's RST to it"),
    _count(
        "http_status",
        "status of the reply that the balancer gave by itself; NULL: none, or not HTTP",
    ),
    _time("first_ns", "its first packet"),
    _time("last_ns", "its last packet"),
)


def _kinds(what: str, words: dict[str, str]) -> tuple[Column, ...]:
    return tuple(_count(f"{what}_{word}", meaning) for word, meaning in words.items())


_ATTEMPTS: Final = {
    "sourced": "connection attempts that carry {}",
    "answered": "of these: SYN-ACK or data came back",
    "refused": "of these: RST to the SYN",
    "unanswered": "of these: no answer, and enough capture left to wait for one",
}


def _attempts(kind: str, whose: str) -> tuple[Column, ...]:
    return _kinds(kind, {word: text.format(whose) for word, text in _ATTEMPTS.items()})


def _asked(whom: str, meaning: str) -> tuple[Column, ...]:
    return (
        _text(
            f"{whom}_asked",
            f"{meaning}, by broadcast right after a SYN that carries a client's address",
        ),
        _text(f"{whom}_asked_file", "capture of that request"),
        _count(f"{whom}_asked_frame", "frame of that request"),
        _count(f"{whom}_asked_record", "record of the flow whose SYN came right before"),
        _time(f"{whom}_asked_after_ns", "time between that SYN and the request"),
        Column(
            f"{whom}_asked_chance", DOUBLE, "chance that such a request falls there by accident"
        ),
    )


_SERVER: Final = (
    _text("address", "address of the real server"),
    _count("port", "its port"),
    _count("sessions", "sessions of clients with a back to it"),
    _count("sessions_ok", "of these: ok"),
    _count("sessions_failed", "of these: failed"),
    *_attempts("balancer", "the balancer's address, health checks included"),
    *_attempts("client", "a client's address"),
    *_attempts("health_check", "the balancer's address and are health checks"),
    _count("served", "backs over which it sent payload"),
    Column("acked_payload", BIGINT, "largest payload in one packet that it acknowledged", "bytes"),
    _count("clients_refused", "different client addresses among the sessions it refused"),
    *_asked(
        "other",
        "address that is neither the balancer's nor a client's and that the server asked for",
    ),
    *_asked("balancer", "address of the balancer that the server asked for"),
    *_asked("client", "address of a client that the server asked for"),
    _count("answers_astray", "backs whose SYN-ACK left for another MAC than the SYN came from"),
)

_VIP: Final = (
    _text("address", "address that clients call"),
    _count("port", "its port"),
    _count("sessions", "sessions"),
    _count("sessions_ok", "of these: ok"),
    _count("sessions_failed", "of these: failed"),
    _count("sessions_degraded", "of these: degraded"),
    _count("sessions_undetermined", "of these: undetermined"),
    _count("without_back", "sessions without a back"),
    _count("answered_alone", "of these: the balancer sent payload by itself"),
    _count("front_refused", "fronts refused with RST"),
    _count("front_unanswered", "fronts whose SYNs got no answer"),
    _count("front_complete", "fronts with a complete handshake"),
    _count("snat", "sessions whose back carries the balancer's address"),
    _count("snat_ok", "of these: ok"),
    _count("snat_failed", "of these: failed"),
    _count("kept", "sessions whose back carries the client's address (transparent, dnat)"),
    _count("kept_ok", "of these: ok"),
    _count("kept_failed", "of these: failed"),
    _text("snat_network", "smallest network that holds all clients of `snat`"),
    _text("kept_network", "smallest network that holds all clients of `kept`"),
    _count("snat_clients", "different client addresses of `snat`"),
    _count("kept_clients", "different client addresses of `kept`"),
    _count("kept_inside_snat", "client addresses of `kept` that lie inside `snat_network`"),
    _text(
        "local_network",
        "smallest network that holds the clients of `snat` and the addresses used for them",
    ),
    _count("kept_inside_local", "client addresses of `kept` that lie inside `local_network`"),
    _count("in_both", "client addresses that are in both"),
    _count("snat_on_link", "of `snat_clients`: on-link"),
    _count("kept_on_link", "of `kept_clients`: on-link"),
    _count("servers", "real servers that carried its sessions"),
    _count("servers_failing", "of these: took none of the sessions they were given"),
    *_asked(
        "other",
        "address that is neither the balancer's nor a client's and that one of its servers asked for",
    ),
    _text("other_asked_by", "that server"),
    _count(
        "health_checks_failed",
        "failed health checks of servers that carry it, or that no VIP is known for",
    ),
    _count("health_checks_ok", "health checks of such servers that got an answer"),
    Column("share", DOUBLE, "share of all captured fronts that call it, 0 to 1"),
    _text(
        "caller",
        "address of a station that calls it by itself and passes on calls that carry others' addresses: "
        "a balancer before a real server; NULL: none, or backs were captured",
    ),
    _count("caller_answered", "calls from that address that were answered"),
    _text("caller_file", "capture of the first of them"),
    _count("caller_syn_frame", "its SYN"),
    _count("caller_syn_ack_frame", "its answer"),
    _count("passed_on", "calls with other addresses that came from that station's MAC"),
    _count("passed_on_answered", "of these: answered"),
    _count(
        "given_up",
        "fronts that it accepted and closed first, a second or more later, without a byte before",
    ),
    _count("given_up_even", "of these: after the median wait, give or take 5 %"),
    _time("given_up_ns", "that median wait"),
)

_HOST: Final = (
    _text("address", "address seen in flows, ARP or neighbour discovery"),
    _true("is_vip", "clients call it"),
    _true("is_balancer", "the balancer owns it"),
    _true("is_server", "it is a real server"),
    _true("is_client", "it called a VIP"),
    _count("flows", "flows it takes part in"),
    _count("sent", "flows in which it sent packets"),
    _count("asked", "requests for it in ARP or neighbour discovery"),
    _text("first_asked_file", "capture of the first"),
    _count("first_asked_frame", "frame of the first"),
    _count("claims", "answers and announcements that name its MAC"),
    _count("claim_macs", "different MACs in them"),
    _text("macs", "these MACs, at most four"),
    _count(
        "claim_changes", "how often one MAC's claim follows another's, virtual router MACs left out"
    ),
    _count("contested", "requests answered by different MACs within a second"),
    _text("contest_file", "capture of the first two contradicting claims"),
    _count("contest_frame", "frame of the first of them"),
    _count("contest_frame_2", "frame of the second"),
    _count("redirects", "ICMP redirects that this address sent"),
    _text("redirect_gateway", "the router that its first redirect names"),
    _text("redirect_file", "capture of the first redirect"),
    _count("redirect_frame", "frame of the first redirect"),
    _text("redirect_for", "the destination that it is about"),
    _count("loops", "ICMP time exceeded messages that this address sent about TCP flows"),
    _text("loop_file", "capture of the first of them"),
    _count("loop_frame", "frame of the first of them"),
    _text("loop_for", "the destination of the packet that died"),
)

_EVENT: Final = (
    _text("kind", "what happened"),
    _count("record", "flow or hop, as in `hop`"),
    _text("direction", "`to-responder` or `to-initiator`"),
    _text("file", "capture"),
    _count("frame", "frame number"),
    _time("time_ns", "since 1970-01-01 UTC"),
    Column("payload", BIGINT, "TCP payload", "bytes"),
    _count("seq", "raw sequence number"),
    _count("ack", "raw acknowledgement number; NULL: ACK not set"),
)

_NEIGHBOR: Final = (
    _text("kind", "arp-request, arp-reply, neighbor-solicitation, neighbor-advertisement"),
    _text("file", "capture"),
    _count("frame", "frame number"),
    _time("time_ns", "since 1970-01-01 UTC"),
    _count("vlan", "VLAN id; NULL: untagged"),
    _text("sender", "address that asks, or that an answer speaks for; NULL: none (a probe)"),
    _text("target", "address asked for; in answers, who asked"),
    _text("sender_mac", "MAC that the sender claims"),
    _text("target_mac", "MAC of the target as said in the message"),
    _text("mac", "source MAC of the frame"),
    _text("next_mac", "destination MAC of the frame"),
    _true("broadcast", "sent to broadcast or multicast"),
)

_ICMP: Final = (
    _text("file", "capture"),
    _count("frame", "frame number"),
    _time("time_ns", "since 1970-01-01 UTC"),
    _count("ip_version", "4 or 6"),
    _count("type", "type (RFC 792, RFC 4443)"),
    _count("code", "code"),
    Column("mtu", BIGINT, "next-hop MTU it names", "bytes"),
    _text("sender", "who says so"),
    _text("receiver", "to whom"),
    _text("gateway", "router that a redirect names"),
    _count("record", "flow quoted inside"),
    _text("quoted_source", "source of the quoted packet"),
    _text("quoted_destination", "its destination"),
    _count("quoted_source_port", "its source port"),
    _count("quoted_destination_port", "its destination port"),
)

_QUESTION: Final = (
    _text("server", "real server that asked"),
    _text("target", "address it asked for"),
    _text(
        "role", "`balancer`, `client`, `server` (another one), `other` (then most likely a router)"
    ),
    _count("requests", "broadcast requests for it, those within three seconds counted once"),
    _text("file", "capture of the request that came soonest after a SYN with a client's address"),
    _count("frame", "its frame"),
    _count("record", "flow of that SYN"),
    _time("after_ns", "time between that SYN and the request"),
    Column(
        "chance", DOUBLE, "chance that a request unrelated to those SYNs comes that soon after one"
    ),
)

_CAPTURE: Final = (
    _count("number", "0, 1...: order of the inputs"),
    _text("file", "as the user named it"),
    _text("point", "where it was taken, if the user said so: balancer, client, server, router"),
    _text("format", "pcap, pcapng, snoop..., with +gzip, +zstd... when compressed"),
    _count("packets", "packets"),
    _count("flows", "TCP connections"),
    _time("first_ns", "first packet"),
    _time("last_ns", "last packet"),
    _time("duration_ns", "between them"),
    Column(
        "snaplen",
        BIGINT,
        "smallest snapshot length that an interface of it has; NULL: no limit",
        "bytes",
    ),
    _count("drops", "packets that the capturing host says it lost"),
    _count("cut_packets", "packets captured shorter than on the wire"),
    _count("cut_flows", "TCP connections with such packets"),
    _count("duplicates", "TCP packets captured twice at the same place"),
    _count("copies", "TCP packets seen at more than one place on the path"),
    _count("tcp_packets", "TCP packets"),
    _count("acked_unseen", "acknowledgements of data that is not in the capture"),
    _count("late_starts", "connections without their beginning (no SYN, no SYN-ACK)"),
    _count(
        "late_starts_later", "of these: their first packet came after the capture's first second"
    ),
    _count(
        "one_way",
        "connections with one direction only though it proves that the other was answered",
    ),
    _count("two_way", "connections with both directions"),
    _count(
        "one_way_dsr", "of `one_way`: expected, since the answers pass elsewhere by design (DSR)"
    ),
    _count(
        "pending",
        "connections whose last SYN is unanswered with less than three seconds of capture left",
    ),
    _count("open_at_end", "open connections with a packet in the capture's last tenth of a second"),
    _count("pending_frame", "first frame of the first of them"),
    _count("fronts", "front flows in sessions"),
    _count("fronts_served", "of these: the client got payload"),
    _count("fronts_with_back", "of these: with a back"),
    _count("backs", "back flows, health checks not counted"),
    _count("backs_without_front", "of these: no front found"),
    _count("health_checks", "the balancer's own health checks of servers"),
    _count("neighbors", "ARP and neighbour discovery packets"),
    _count("icmp", "ICMP errors and redirects"),
    _count("unreadable", "packets that could not be decoded because damaged or of an unknown kind"),
    _count("problems", "damaged places in the container"),
    _text("first_problem", "the first of them"),
    _count("problem_frame", "the last good frame before it"),
    _count("backwards", "packets with an earlier time than the one before them in the file"),
    _time("backwards_ns", "how much earlier, at most"),
    _count("backwards_frame", "the first of them"),
    _count("untimed", "packets without a time"),
    _count("files", "files that the capture is kept in: more than one for a ring buffer"),
    _true("has_macs", "destination MACs are known (not so with the `any` interface)"),
)

TABLES: Final = (
    Table("flow", "one row a TCP connection, every frame of it counted as tshark does", _FLOW),
    Table(
        "hop", "one row a place where a connection was seen; one row where it has no copies", _HOP
    ),
    Table("session", "one row a session, health checks included", _SESSION),
    Table(
        "back",
        "one row a back of a session: the columns of `hop`, and what it is to its session",
        _BACK,
    ),
    Table("vip", "one row a virtual service", _VIP),
    Table("server", "one row a real server and port", _SERVER),
    Table("host", "one row an address", _HOST),
    Table(
        "question", "what real servers asked for in ARP or ND right after forwarded SYNs", _QUESTION
    ),
    Table("event", "one row a packet worth citing", _EVENT),
    Table("neighbor", "one row an ARP or neighbour discovery packet", _NEIGHBOR),
    Table("icmp", "one row an ICMP error or redirect", _ICMP),
    Table("capture", "one row an input file", _CAPTURE),
)


def table_named(name: str) -> Table:
    """Return a table by its name; raises KeyError."""
    return {entry.name: entry for entry in TABLES}[name]
