"""Every column of every table that rules and queries may read: name, type, unit, meaning.

A column that is not here does not exist.  NULL is "not seen" or "does not apply" everywhere.
"""

from typing import Final

from pcapdiag.facts.columns import (
    BIGINT,
    DOUBLE,
    Column,
    Table,
    count,
    text,
    time,
    true,
)
from pcapdiag.facts.connections import BACK, FLOW, HOP

_SESSION: Final = (
    count("id", "number, counts from 1 in order of the first frame"),
    text("file", "capture"),
    text(
        "mode",
        "how the balancer forwarded it: snat, transparent, dnat, full-nat, dsr, tunnel, none, unknown",
    ),
    text("outcome", "ok, failed, degraded, undetermined"),
    Column("confidence", DOUBLE, "the weakest pair's confidence; NULL: no back"),
    true("health_check", "the balancer's own health check of a server"),
    count("front", "record of the front flow; NULL: not captured"),
    count("back", "record of the back that served, else of the last one tried; NULL: none"),
    count("back_count", "backs"),
    count("backs_answered", "of these: the server took the connection"),
    count("backs_refused", "of these: the server answered the SYN with RST"),
    count("backs_unanswered", "of these: no answer to any SYN"),
    text("client", "the client's address as the balancer sees it; NULL: front not captured"),
    count("client_port", "its port"),
    true(
        "client_on_link", "the client's frames carry its own MAC; false: it comes through a gateway"
    ),
    text("vip", "address the client called"),
    count("vip_port", "its port"),
    text("server", "real server of `back`"),
    count("server_port", "its port"),
    true("client_kept", "the server saw the client's address (transparent, dnat)"),
    true("client_is_server", "the client's address is that of a real server"),
    text("front_handshake", "handshake of the front"),
    true("front_served", "the client got payload"),
    count("front_first_frame", "first frame of the front"),
    time("front_left_ns", "capture time left after the front's last SYN"),
    time("front_open_ns", "from the front's first to its last packet"),
    time(
        "waited_ns",
        "from the first SYN of the first back to the first SYN-ACK of any; NULL: none came",
    ),
    text(
        "unresolved",
        "address that the balancer asked for in ARP or ND while this front was open, never answered",
    ),
    count("unresolved_frame", "first of those requests"),
    count("unresolved_requests", "how many"),
    Column(
        "client_acked_payload",
        BIGINT,
        "largest payload in one packet that this client acknowledged in any front",
        "bytes",
    ),
    count(
        "redirect_frame",
        "ICMP redirect about this session's two ends, sent to one of them before the session was over",
    ),
    text("redirect_sender", "who sent it"),
    text("redirect_receiver", "to whom"),
    text("redirect_gateway", "the router that it names"),
    text(
        "unasked_server",
        "another address whose SYN-ACK the client refused with RST, never having called it, while this "
        "front got no service",
    ),
    count("unasked_frame", "first of those SYN-ACKs"),
    count("unasked_reset_frame", "the client's RST to it"),
    count(
        "http_status",
        "status of the reply that the balancer gave by itself; NULL: none, or not HTTP",
    ),
    time("first_ns", "its first packet"),
    time("last_ns", "its last packet"),
)


def _kinds(what: str, words: dict[str, str]) -> tuple[Column, ...]:
    return tuple(count(f"{what}_{word}", meaning) for word, meaning in words.items())


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
        text(
            f"{whom}_asked",
            f"{meaning}, by broadcast right after a SYN that carries a client's address",
        ),
        text(f"{whom}_asked_file", "capture of that request"),
        count(f"{whom}_asked_frame", "frame of that request"),
        count(f"{whom}_asked_record", "record of the flow whose SYN came right before"),
        time(f"{whom}_asked_after_ns", "time between that SYN and the request"),
        Column(
            f"{whom}_asked_chance", DOUBLE, "chance that such a request falls there by accident"
        ),
    )


_SERVER: Final = (
    text("address", "address of the real server"),
    count("port", "its port"),
    count("sessions", "sessions of clients with a back to it"),
    count("sessions_ok", "of these: ok"),
    count("sessions_failed", "of these: failed"),
    *_attempts("balancer", "the balancer's address, health checks included"),
    *_attempts("client", "a client's address"),
    *_attempts("health_check", "the balancer's address and are health checks"),
    count("served", "backs over which it sent payload"),
    Column("acked_payload", BIGINT, "largest payload in one packet that it acknowledged", "bytes"),
    count("clients_refused", "different client addresses among the sessions it refused"),
    *_asked(
        "other",
        "address that is neither the balancer's nor a client's and that the server asked for",
    ),
    *_asked("balancer", "address of the balancer that the server asked for"),
    *_asked("client", "address of a client that the server asked for"),
    count("answers_astray", "backs whose SYN-ACK left for another MAC than the SYN came from"),
)

_VIP: Final = (
    text("address", "address that clients call"),
    count("port", "its port"),
    count("sessions", "sessions"),
    count("sessions_ok", "of these: ok"),
    count("sessions_failed", "of these: failed"),
    count("sessions_degraded", "of these: degraded"),
    count("sessions_undetermined", "of these: undetermined"),
    count("without_back", "sessions without a back"),
    count("answered_alone", "of these: the balancer sent payload by itself"),
    count("front_refused", "fronts refused with RST"),
    count("front_unanswered", "fronts whose SYNs got no answer"),
    count("front_complete", "fronts with a complete handshake"),
    count("snat", "sessions whose back carries the balancer's address"),
    count("snat_ok", "of these: ok"),
    count("snat_failed", "of these: failed"),
    count("kept", "sessions whose back carries the client's address (transparent, dnat)"),
    count("kept_ok", "of these: ok"),
    count("kept_failed", "of these: failed"),
    text("snat_network", "smallest network that holds all clients of `snat`"),
    text("kept_network", "smallest network that holds all clients of `kept`"),
    count("snat_clients", "different client addresses of `snat`"),
    count("kept_clients", "different client addresses of `kept`"),
    count("kept_inside_snat", "client addresses of `kept` that lie inside `snat_network`"),
    text(
        "local_network",
        "smallest network that holds the clients of `snat` and the addresses used for them",
    ),
    count("kept_inside_local", "client addresses of `kept` that lie inside `local_network`"),
    count("in_both", "client addresses that are in both"),
    count("snat_on_link", "of `snat_clients`: on-link"),
    count("kept_on_link", "of `kept_clients`: on-link"),
    count("servers", "real servers that carried its sessions"),
    count("servers_failing", "of these: took none of the sessions they were given"),
    *_asked(
        "other",
        "address that is neither the balancer's nor a client's and that one of its servers asked for",
    ),
    text("other_asked_by", "that server"),
    count(
        "health_checks_failed",
        "failed health checks of servers that carry it, or that no VIP is known for",
    ),
    count("health_checks_ok", "health checks of such servers that got an answer"),
    Column("share", DOUBLE, "share of all captured fronts that call it, 0 to 1"),
    text(
        "caller",
        "address of a station that calls it by itself and passes on calls that carry others' addresses: "
        "a balancer before a real server; NULL: none, or backs were captured",
    ),
    count("caller_answered", "calls from that address that were answered"),
    text("caller_file", "capture of the first of them"),
    count("caller_syn_frame", "its SYN"),
    count("caller_syn_ack_frame", "its answer"),
    count("passed_on", "calls with other addresses that came from that station's MAC"),
    count("passed_on_answered", "of these: answered"),
    true(
        "at_server",
        "the capture that shows this was taken at the server called: the user says so, or frames "
        "between it and others pass there; NULL: cannot be told",
    ),
    count(
        "given_up",
        "fronts that it accepted and closed first, a second or more later, without a byte before",
    ),
    count("given_up_even", "of these: after the median wait, give or take 5 %"),
    time("given_up_ns", "that median wait"),
)

_HOST: Final = (
    text("address", "address seen in flows, ARP or neighbour discovery"),
    true("is_vip", "clients call it"),
    true("is_balancer", "the balancer owns it"),
    true("is_server", "it is a real server"),
    true("is_client", "it called a VIP"),
    count("flows", "flows it takes part in"),
    count("sent", "flows in which it sent packets"),
    count("asked", "requests for it in ARP or neighbour discovery"),
    text("first_asked_file", "capture of the first"),
    count("first_asked_frame", "frame of the first"),
    count("claims", "answers and announcements that name its MAC"),
    count("claim_macs", "different MACs in them"),
    text("macs", "these MACs, at most four"),
    count(
        "claim_changes", "how often one MAC's claim follows another's, virtual router MACs left out"
    ),
    count("contested", "requests answered by different MACs within a second"),
    text("contest_file", "capture of the first two contradicting claims"),
    count("contest_frame", "frame of the first of them"),
    count("contest_frame_2", "frame of the second"),
    count("redirects", "ICMP redirects that this address sent"),
    text("redirect_gateway", "the router that its first redirect names"),
    text("redirect_file", "capture of the first redirect"),
    count("redirect_frame", "frame of the first redirect"),
    text("redirect_for", "the destination that it is about"),
    count("loops", "ICMP time exceeded messages that this address sent about TCP flows"),
    text("loop_file", "capture of the first of them"),
    count("loop_frame", "frame of the first of them"),
    text("loop_for", "the destination of the packet that died"),
)

_EVENT: Final = (
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

_F5: Final = (
    text("file", "capture"),
    count("frame", "frame number"),
    count("record", "flow or hop, as in `event`"),
    true("ingress", "the packet came in; false: it went out"),
    count("slot", "blade that handled it, from 0"),
    count("tmm", "traffic management microkernel that handled it"),
    text("virtual_server", "full path of the virtual server's name; text from the wire"),
    text("flow_id", "the balancer's id of the flow, hexadecimal"),
    text("peer_flow_id", "its id of the other leg"),
    text("reset_cause", "why the balancer sent this RST; text from the wire"),
    text("peer_remote", "far end of the other leg"),
    count("peer_remote_port", "its port"),
    text("peer_local", "the balancer's end of the other leg"),
    count("peer_local_port", "its port"),
    count("peer_vlan", "VLAN of the other leg"),
)

_TOA: Final = (
    text("file", "capture"),
    count("frame", "frame number"),
    count("record", "flow or hop, as in `event`; NULL: the packet is not TCP"),
    text("direction", "to-responder, to-initiator; NULL: the packet is not TCP"),
    text("carrier", "tcp-option, ip-option, ip-protocol (a header of IP protocol 248)"),
    count("kind", "kind of the option; none is assigned to this"),
    text(
        "meaning",
        "how length and shape read: toa, toa-virtual (with the virtual service), virtual-service, uoa, "
        "client-address (without a port), experiment (another one by its ExID), unknown",
    ),
    text("client", "the client's own address; NULL: the option names none that can be believed"),
    count("client_port", "its port; NULL: not told"),
    true(
        "client_seen",
        "another connection of the capture comes from that address and port, which confirms it; false: "
        "only the shape speaks for it",
    ),
    text("virtual_address", "address that the client called"),
    count("virtual_port", "its port"),
    text("octets", "the option's value, hexadecimal"),
)

_NSTRACE: Final = (
    text("file", "capture"),
    count("frame", "frame number"),
    count("record", "flow or hop, as in `event`"),
    true("received", "the NetScaler received the frame; false: it sent it"),
    text("operation", "tx, txb (in the transmit buffer), rx, new-rx (behind the NIC's pipeline)"),
    count("nic", "number of the network device"),
    count("pcb", "the NetScaler's number of the connection (PcbDevNo)"),
    count(
        "linked_pcb",
        "its number of the other leg (Linked PcbDevNo); NULL: there is none yet, or it is not told",
    ),
    count("vlan", "VLAN that the NetScaler puts the frame in, tagged or not"),
    count("core", "packet engine that handled it"),
    count("source_node", "cluster node that the frame came from"),
    count("destination_node", "cluster node that it goes to"),
    count("cluster_flags", "as the NetScaler gives them, a bit a flag"),
    text("source_machine", "virtual machine that sent it; text from the wire"),
    text("destination_machine", "virtual machine that gets it; text from the wire"),
    count("error", "why the NetScaler dropped the frame; 0: it did not"),
)

_NEIGHBOR: Final = (
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

_ICMP: Final = (
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

_QUESTION: Final = (
    text("server", "real server that asked"),
    text("target", "address it asked for"),
    text(
        "role", "`balancer`, `client`, `server` (another one), `other` (then most likely a router)"
    ),
    count("requests", "broadcast requests for it, those within three seconds counted once"),
    text("file", "capture of the request that came soonest after a SYN with a client's address"),
    count("frame", "its frame"),
    count("record", "flow of that SYN"),
    time("after_ns", "time between that SYN and the request"),
    Column(
        "chance", DOUBLE, "chance that a request unrelated to those SYNs comes that soon after one"
    ),
)

_CAPTURE: Final = (
    count("number", "0, 1...: order of the inputs"),
    text("file", "as the user named it"),
    text("point", "where it was taken, if the user said so: balancer, client, server, router"),
    text("format", "pcap, pcapng, snoop, nstrace..., with +gzip, +zstd... when compressed"),
    count("packets", "packets"),
    count("flows", "TCP connections"),
    time("first_ns", "first packet"),
    time("last_ns", "last packet"),
    time("duration_ns", "between them"),
    Column(
        "snaplen",
        BIGINT,
        "smallest snapshot length that an interface of it has; NULL: no limit",
        "bytes",
    ),
    count("drops", "packets that the capturing host says it lost"),
    count("cut_packets", "packets captured shorter than on the wire"),
    count("cut_flows", "TCP connections with such packets"),
    count("duplicates", "TCP packets captured twice at the same place"),
    count("copies", "TCP packets seen at more than one place on the path"),
    count("tcp_packets", "TCP packets"),
    count("acked_unseen", "acknowledgements of data that is not in the capture"),
    count("late_starts", "connections without their beginning (no SYN, no SYN-ACK)"),
    count(
        "late_starts_later", "of these: their first packet came after the capture's first second"
    ),
    count(
        "one_way",
        "connections with one direction only though it proves that the other was answered",
    ),
    count("two_way", "connections with both directions"),
    true("syn_only", "SYNs and SYN-ACKs are all that it holds of TCP: the rest was filtered away"),
    count(
        "one_way_dsr", "of `one_way`: expected, since the answers pass elsewhere by design (DSR)"
    ),
    count(
        "pending",
        "connections whose last SYN is unanswered with less than three seconds of capture left",
    ),
    count("open_at_end", "open connections with a packet in the capture's last tenth of a second"),
    count("pending_frame", "first frame of the first of them"),
    count("fronts", "front flows in sessions"),
    count("fronts_served", "of these: the client got payload"),
    count("fronts_with_back", "of these: with a back"),
    count("backs", "back flows, health checks not counted"),
    count("backs_without_front", "of these: no front found"),
    count("health_checks", "the balancer's own health checks of servers"),
    count("neighbors", "ARP and neighbour discovery packets"),
    count("icmp", "ICMP errors and redirects"),
    count("unreadable", "packets that could not be decoded because damaged or of an unknown kind"),
    count("problems", "damaged places in the container"),
    text("first_problem", "the first of them"),
    count("problem_frame", "the last good frame before it"),
    count("backwards", "packets with an earlier time than the one before them in the file"),
    time("backwards_ns", "how much earlier, at most"),
    count("backwards_frame", "the first of them"),
    count("untimed", "packets without a time"),
    count("files", "files that the capture is kept in: more than one for a ring buffer"),
    true("has_macs", "destination MACs are known (not so with the `any` interface)"),
)

TABLES: Final = (
    Table("flow", "one row a TCP connection, every frame of it counted as tshark does", FLOW),
    Table(
        "hop", "one row a place where a connection was seen; one row where it has no copies", HOP
    ),
    Table("session", "one row a session, health checks included", _SESSION),
    Table(
        "back",
        "one row a back of a session: the columns of `hop`, and what it is to its session",
        BACK,
    ),
    Table("vip", "one row a virtual service", _VIP),
    Table("server", "one row a real server and port", _SERVER),
    Table("host", "one row an address", _HOST),
    Table(
        "question", "what real servers asked for in ARP or ND right after forwarded SYNs", _QUESTION
    ),
    Table("event", "one row a packet worth citing", _EVENT),
    Table("f5", "one row an event whose frame carries the trailer of an F5 BIG-IP", _F5),
    Table("toa", "one row an option that names the client (TOA, UOA), or may", _TOA),
    Table("nstrace", "one row an event in a NetScaler's own trace, with what it told", _NSTRACE),
    Table("neighbor", "one row an ARP or neighbour discovery packet", _NEIGHBOR),
    Table("icmp", "one row an ICMP error or redirect", _ICMP),
    Table("capture", "one row an input file", _CAPTURE),
)


def table_named(name: str) -> Table:
    """Return a table by its name; raises KeyError."""
    return {entry.name: entry for entry in TABLES}[name]
