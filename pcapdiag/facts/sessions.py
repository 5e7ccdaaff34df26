"""The tables `session` and `back`: what each session came to, from the flow table's columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.facts.addresses import Columns, Numbered, file_texts, of_record, words_of
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import HANDSHAKES
from pcapdiag.sessions.model import MODES, OUTCOMES, Session, columns_of
from pcapdiag.sessions.outcome import PATIENCE_NS
from pcapdiag.topology.clients import claims
from pcapdiag.topology.model import Topology

SOURCE_KINDS = ("client", "balancer", "server", "other")
CLIENT, BALANCER, SERVER, OTHER = range(len(SOURCE_KINDS))

RESULTS = ("answered", "refused", "unanswered", "pending")
MOST_REDIRECTS = 256
"""ICMP redirects that are looked at; routers repeat them."""

ANSWERED, REFUSED, UNANSWERED, PENDING = range(len(RESULTS))


@dataclass(frozen=True)
class Roles:
    """Numbers of the addresses with a role, sorted."""

    vips: Ints
    balancers: Ints
    servers: Ints
    on_link: Ints
    routed: Ints


@dataclass(frozen=True)
class Backs:
    """One entry a back of a session, in the order of the sessions."""

    owner: Ints
    """Position of its session."""
    record: Ints
    position: Ints
    confidence: NDArray[np.float64]
    matched_by: NDArray[np.object_]
    source: Ints
    """Address number of whoever the SYN says it is from."""
    server: Ints
    port: Ints
    source_kind: Ints
    result: Ints
    """Index into RESULTS; -1: cannot be told."""
    left_ns: Ints
    served: Bools
    health_check: Bools


@dataclass(frozen=True)
class Fronts:
    """One entry a session."""

    id: Ints
    record: Ints
    """-1: not captured."""
    mode: NDArray[np.object_]
    outcome: NDArray[np.object_]
    health_check: Bools
    client: Ints
    """Address number; -1: front not captured."""
    vip: Ints
    port: Ints
    file: Ints


def roles_of(topology: Topology, numbered: Numbered) -> Roles:
    """Return the roles as address numbers."""
    book = numbered.book
    return Roles(
        vips=book.numbers_of(role.address for role in topology.vips),
        balancers=book.numbers_of(role.address for role in topology.balancers),
        servers=book.numbers_of(role.address for role in topology.servers),
        on_link=book.numbers_of(topology.on_link),
        routed=book.numbers_of(topology.routed),
    )


def fronts_of(sessions: Sequence[Session], traffic: Traffic, numbered: Numbered) -> Fronts:
    """Return the sessions as columns."""
    found = columns_of(sessions)
    own = found.front.copy()
    # Without a front, its first back tells where a session was seen.
    rest = np.flatnonzero((own < 0) & (found.back_count > 0))
    own[rest] = found.back[found.first_back[rest]]
    record = found.front
    return Fronts(
        id=found.id,
        record=record,
        mode=words_of(found.mode, MODES),
        outcome=words_of(found.outcome, OUTCOMES),
        health_check=found.health_check,
        client=of_record(numbered.flow[:, 0], record),
        vip=of_record(numbered.flow[:, 1], record),
        port=of_record(traffic.flows["port"][:, 1], record),
        file=of_record(traffic.flows["file"], own),
    )


def backs_of(
    sessions: Sequence[Session],
    fronts: Fronts,
    traffic: Traffic,
    numbered: Numbered,
    topology: Topology,
) -> Backs:
    """Return the backs of all sessions as columns."""
    roles = roles_of(topology, numbered)
    found = columns_of(sessions)
    owner, record = found.owner, found.back
    flows = traffic.flows
    mac, port = flows["mac"][record, 0, 1], flows["port"][record, 1].astype(np.int64)
    source, server = numbered.flow[record, 0], numbered.flow[record, 1]
    client = fronts.client[owner]
    kind = np.full(len(record), OTHER)
    kind[np.isin(source, roles.servers)] = SERVER
    kind[np.isin(source, roles.balancers)] = BALANCER
    # A balancer that is its own client is nobody's kept address.
    kind[(source == client) & (kind != BALANCER)] = CLIENT
    mode = fronts.mode[owner]
    end = np.array([c.account.last_ns for c in traffic.captures], np.int64)[flows["file"][record]]
    last_syn = np.maximum(flows["last_syn_ns"][record], flows["syn_ns"][record])
    left = np.where((last_syn >= 0) & (end >= 0), end - last_syn, -1).astype(np.int64)
    result = _result(flows, record, left)
    # Where answers pass elsewhere, that none is seen says nothing.
    result[(mode == "dsr") | (mode == "tunnel")] = -1
    direct = behind(topology, traffic, numbered)
    if len(direct.macs):
        at = np.searchsorted(direct.macs, mac).clip(max=len(direct.macs) - 1)
        known = direct.macs[at] == mac
        server = np.where(mode == "dsr", np.where(known, direct.servers[at], -1), server)
    else:
        server = np.where(mode == "dsr", -1, server)
    server = np.where(mode == "tunnel", numbered.outer[record, 1], server)
    return Backs(
        owner=owner,
        record=record,
        position=np.arange(len(record)) - found.first_back[owner] + 1,
        confidence=found.confidence,
        matched_by=words_of(found.evidence, tuple(map(", ".join, found.kinds))),
        source=source,
        server=server,
        port=port,
        source_kind=kind.astype(np.int64),
        result=result,
        left_ns=left,
        served=flows["bytes"][record, 1] > 0,
        health_check=fronts.health_check[owner],
    )


@dataclass(frozen=True)
class Direct:
    """Servers by their own MAC, for balancers that change nothing but MACs (DSR)."""

    macs: Ints
    """Sorted."""
    servers: Ints
    """Address numbers."""


def behind(topology: Topology, traffic: Traffic, numbered: Numbered) -> Direct:
    """Return which server answers for which MAC in ARP or neighbour discovery."""
    claimed = claims(traffic.neighbors)
    found = {
        mac: numbered.book.number(role.address)
        for role in topology.servers
        for mac in claimed.get(role.address, ())
    }
    macs = sorted(found)
    return Direct(np.array(macs, np.int64), np.array([found[mac] for mac in macs], np.int64))


def _result(flows: NDArray[Any], record: Ints, left: Ints) -> Ints:
    handshake = flows["handshake"][record]
    heard = flows["packets"][record, 1] > 0
    # An answer without the SYN before it was seen where only answers pass.
    asked = (flows["syn_count"][record] > 0) | (flows["bytes"][record] > 0).any(axis=1)
    result = np.where(heard & asked, ANSWERED, -1)
    result[handshake == HANDSHAKES.index("refused")] = REFUSED
    silent = (handshake == HANDSHAKES.index("unanswered")) & ~heard
    # One direction of a working connection: the initiator goes on without a visible answer.
    silent &= (flows["bytes"][record, 0] <= 0) & (flows["highest_ack"][record, 0] < 0)
    result[(handshake == HANDSHAKES.index("unanswered")) & heard] = -1
    waited = (left >= PATIENCE_NS) | (flows["syn_count"][record] >= 3)
    result[silent] = np.where(waited[silent], UNANSWERED, PENDING)
    return result.astype(np.int64)


def decisive(fronts: Fronts, backs: Backs) -> Ints:
    """Return for each session the position in `backs` that served, else the last tried; -1: none."""
    chosen = np.full(len(fronts.id), -1, np.int64)
    # Later writes win: the last back, over it the first that served.
    chosen[backs.owner] = np.arange(len(backs.owner))
    serving = np.flatnonzero(backs.served)[::-1]
    chosen[backs.owner[serving]] = serving
    return chosen


def back_columns(fronts: Fronts, backs: Backs, beside: Columns) -> Columns:
    """Return the columns of `back` that are not in `hop`; `beside` are those found elsewhere."""
    return {
        "record": backs.record,
        "session": fronts.id[backs.owner],
        "position": backs.position,
        "confidence": backs.confidence,
        "matched_by": backs.matched_by,
        "source_kind": words_of(backs.source_kind, SOURCE_KINDS),
        "result": words_of(backs.result, RESULTS),
        "left_ns": backs.left_ns,
        "served": backs.served.astype(np.int64),
    } | beside


def session_columns(
    traffic: Traffic, numbered: Numbered, fronts: Fronts, backs: Backs, roles: Roles
) -> Columns:
    """Return the columns of `session` but those about unresolved servers and HTTP."""
    flows, text = traffic.flows, numbered.book.text
    count = len(fronts.id)
    main = decisive(fronts, backs)
    record = np.where(main >= 0, backs.record[main], -1) if len(backs.record) else main

    def tally(chosen: Bools) -> Ints:
        found: Ints = np.bincount(backs.owner[chosen], minlength=count).astype(np.int64)
        return found

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
        np.isin(fronts.client, roles.on_link),
        1,
        np.where(np.isin(fronts.client, roles.routed), 0, -1),
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
        "back_count": tally(np.ones(len(backs.owner), np.bool_)),
        "backs_answered": tally(backs.result == ANSWERED),
        "backs_refused": tally(backs.result == REFUSED),
        "backs_unanswered": tally(backs.result == UNANSWERED),
        "client": text(fronts.client),
        "client_port": of_record(flows["port"][:, 0], fronts.record),
        "client_on_link": np.where(seen, on_link, -1),
        "vip": text(fronts.vip),
        "vip_port": fronts.port,
        "server": text(main_of(backs.server)),
        "server_port": main_of(backs.port),
        "client_kept": np.where(kept < 0, -1, kept == CLIENT).astype(np.int64),
        "client_is_server": np.where(seen, np.isin(fronts.client, roles.servers), -1).astype(
            np.int64
        ),
        "front_handshake": words_of(of_record(flows["handshake"], fronts.record), HANDSHAKES),
        "front_served": np.where(seen, of_record(flows["bytes"][:, 1], fronts.record) > 0, -1),
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
