"""The table `session`: what each session came to, from the flow table's columns."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pcapdiag.facts.addresses import Columns, Numbered, file_texts, of_record, words_of
from pcapdiag.facts.backs import ANSWERED, CLIENT, REFUSED, UNANSWERED, Backs, decisive
from pcapdiag.facts.columns import BIGINT, DOUBLE, Column, count, text, time, true
from pcapdiag.facts.endpoints import tally
from pcapdiag.facts.fronts import Fronts
from pcapdiag.facts.roles import Roles
from pcapdiag.flows import keys
from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import HANDSHAKES

MOST_REDIRECTS = 256
"""ICMP redirects that are looked at; routers repeat them."""


SESSION: Final = (
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
    true("front_served", "the client got payload: captured, or acknowledged by it"),
    count("front_first_frame", "first frame of the front"),
    time("front_left_ns", "capture time left after the front's last SYN"),
    time("front_open_ns", "from the front's first to its last packet"),
    time(
        "waited_ns",
        "from the first SYN of the first back to the first SYN-ACK of any; NULL: none came",
    ),
    time(
        "back_after_ns",
        "from the front's handshake, or its first payload, to the first SYN of its first back; NULL: no such "
        "SYN, or it came before",
    ),
    text(
        "unresolved",
        "address that the balancer asked for in ARP or ND, never answered, while this front failed without a "
        "back, or waited a second or more for its first",
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
        "another address, never called, whose SYN-ACK the client refused with RST, or whose repeated "
        "SYN-ACKs did not arrive, while this front, which failed, was without a reply",
    ),
    count("unasked_frame", "first of those SYN-ACKs"),
    true(
        "unasked_direct",
        "that server sent it with its own MAC: client and server are in one network; false: through "
        "a gateway; NULL: MAC not seen",
    ),
    count("unasked_reset_frame", "the client's RST to it; NULL: none, they did not arrive"),
    count(
        "http_status",
        "status of the reply that the balancer gave by itself; NULL: none, or not HTTP",
    ),
    text(
        "ended_by",
        "who sent the first FIN or RST on either leg: client, balancer, server, or service (where no back "
        "was captured); NULL: nobody",
    ),
    count("ended_frame", "that packet"),
    time("ended_idle_ns", "from the last payload toward the client on that leg to that packet"),
    time("first_ns", "its first packet"),
    time("last_ns", "its last packet"),
)


def session_columns(
    traffic: Traffic, numbered: Numbered, fronts: Fronts, backs: Backs, roles: Roles
) -> Columns:
    """Return the columns of `session` but those about fronts without a server and about its end."""
    flows, text = traffic.flows, numbered.book.text
    count = len(fronts.id)
    main = decisive(fronts, backs)
    record = np.where(main >= 0, backs.record[main], -1) if len(backs.record) else main

    def main_of(values: NDArray[Any]) -> Ints:
        return of_record(values, main)

    end = np.array([c.account.last_ns for c in traffic.captures], np.int64)[fronts.file]
    front_syn = of_record(np.maximum(flows["last_syn_ns"], flows["syn_ns"]), fronts.record)
    first_ns, last_ns = _span(traffic, fronts, backs)
    weakest = np.full(count, np.inf)
    np.minimum.at(weakest, backs.owner, backs.confidence)
    seen = fronts.record >= 0
    opened = of_record(flows["first_ns"], fronts.record)
    on_link = np.where(
        keys.among(fronts.client, roles.on_link),
        1,
        np.where(keys.among(fronts.client, roles.routed), 0, -1),
    )
    kept = main_of(backs.source_kind)
    return {
        "id": fronts.id,
        "file": file_texts(traffic, fronts.file),
        "mode": fronts.mode,
        "outcome": fronts.outcome,
        "confidence": np.where(np.isinf(weakest), -1.0, weakest),
        "health_check": fronts.health_check.astype(np.int64),
        "front": fronts.record,
        "back": record,
        "back_count": tally(backs.owner, backs.owner >= 0, count),
        "backs_answered": tally(backs.owner, backs.result == ANSWERED, count),
        "backs_refused": tally(backs.owner, backs.result == REFUSED, count),
        "backs_unanswered": tally(backs.owner, backs.result == UNANSWERED, count),
        "client": text(fronts.client),
        "client_port": of_record(flows["port"][:, 0], fronts.record),
        "client_on_link": np.where(seen, on_link, -1),
        "vip": text(fronts.vip),
        "vip_port": fronts.port,
        "server": text(main_of(backs.server)),
        "server_port": main_of(backs.port),
        "client_kept": np.where(kept < 0, -1, kept == CLIENT).astype(np.int64),
        "client_is_server": np.where(seen, keys.among(fronts.client, roles.servers), -1).astype(
            np.int64
        ),
        "front_handshake": words_of(of_record(flows["handshake"], fronts.record), HANDSHAKES),
        "front_served": np.where(seen, flows.served[fronts.record], -1),
        "front_first_frame": of_record(flows["first_frame"], fronts.record),
        "front_left_ns": np.where((front_syn >= 0) & (end >= 0), end - front_syn, -1),
        "front_open_ns": np.where(seen, of_record(flows["last_ns"], fronts.record) - opened, -1),
        "waited_ns": _waited(traffic, count, backs),
        "client_acked_payload": _client_acked(traffic, fronts),
        **_redirects(traffic, numbered, fronts, backs, main, last_ns),
        "first_ns": first_ns,
        "last_ns": last_ns,
    }


def _span(traffic: Traffic, fronts: Fronts, backs: Backs) -> tuple[Ints, Ints]:
    far = np.iinfo(np.int64).max
    first = of_record(traffic.flows["first_ns"], fronts.record)
    first = np.where(fronts.record >= 0, first, far)
    last = of_record(traffic.flows["last_ns"], fronts.record)
    np.minimum.at(first, backs.owner, traffic.flows["first_ns"][backs.record])
    np.maximum.at(last, backs.owner, traffic.flows["last_ns"][backs.record])
    return np.where(first == far, -1, first), last


def _waited(traffic: Traffic, count: int, backs: Backs) -> Ints:
    far = np.iinfo(np.int64).max
    asked, answered = np.full(count, far), np.full(count, far)
    syn_ns = traffic.flows["syn_ns"][backs.record]
    syn_ack_ns = traffic.flows["syn_ack_ns"][backs.record]
    has_syn, has_answer = syn_ns >= 0, syn_ack_ns >= 0
    np.minimum.at(asked, backs.owner[has_syn], syn_ns[has_syn])
    np.minimum.at(answered, backs.owner[has_answer], syn_ack_ns[has_answer])
    known = (asked < far) & (answered < far) & (answered >= asked)
    return np.where(known, answered - np.where(known, asked, 0), -1)


def _client_acked(traffic: Traffic, fronts: Fronts) -> Ints:
    seen = fronts.record >= 0
    acked = traffic.flows["largest_acked_payload"][fronts.record[seen], 1]
    most = np.full(int(fronts.client.max(initial=-1)) + 2, -1, np.int64)
    np.maximum.at(most, fronts.client[seen], acked)
    return most[fronts.client]


def _redirects(
    traffic: Traffic, numbered: Numbered, fronts: Fronts, backs: Backs, main: Ints, last_ns: Ints
) -> Columns:
    """Find the first ICMP redirect that told one end of a session's legs a new way to the other."""
    events = traffic.icmp
    redirect = ((events["ip_version"] == 4) & (events["type"] == 5)) | (
        (events["ip_version"] == 6) & (events["type"] == 137)
    )
    found = np.full(len(fronts.id), -1, np.int64)
    source, server = of_record(backs.source, main), of_record(backs.server, main)
    for at in np.flatnonzero(redirect)[:MOST_REDIRECTS].tolist():
        _, receiver, _, _, about = numbered.icmp[at].tolist()
        ends = [(server, source), (source, server), (fronts.client, fronts.vip)]
        told = np.zeros(len(found), np.bool_)
        for told_end, other in ends:
            told |= (told_end == receiver) & (other == about) & (receiver >= 0)
        told &= (
            (fronts.file == events["file"][at]) & (last_ns >= events["time_ns"][at]) & (found < 0)
        )
        found[told] = at
    return {
        "redirect_frame": of_record(events["frame"], found),
        "redirect_sender": numbered.book.text(of_record(numbered.icmp[:, 0], found)),
        "redirect_receiver": numbered.book.text(of_record(numbered.icmp[:, 1], found)),
        "redirect_gateway": numbered.book.text(of_record(numbered.icmp[:, 2], found)),
    }
