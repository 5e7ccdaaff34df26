"""The table `back`: whom the balancer called for a session, as whom, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pcapdiag.facts.addresses import Columns, Numbered, words_of
from pcapdiag.facts.fronts import Fronts
from pcapdiag.facts.roles import roles_of
from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import HANDSHAKES, FlowTable
from pcapdiag.sessions.model import ONE_WAY, Session, columns_of
from pcapdiag.sessions.outcome import PATIENCE_NS
from pcapdiag.topology.clients import claims
from pcapdiag.topology.model import Topology

SOURCE_KINDS = ("client", "balancer", "server", "other")

CLIENT, BALANCER, SERVER, OTHER = range(len(SOURCE_KINDS))

RESULTS = ("answered", "refused", "unanswered", "pending")

ANSWERED, REFUSED, UNANSWERED, PENDING = range(len(RESULTS))


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
    kind[keys.among(source, roles.servers)] = SERVER
    kind[keys.among(source, roles.balancers)] = BALANCER
    # A balancer that is its own client is nobody's kept address.
    kind[(source == client) & (kind != BALANCER)] = CLIENT
    mode = fronts.mode[owner]
    end = np.array([c.account.last_ns for c in traffic.captures], np.int64)[flows["file"][record]]
    last_syn = np.maximum(flows["last_syn_ns"][record], flows["syn_ns"][record])
    left = np.where((last_syn >= 0) & (end >= 0), end - last_syn, -1).astype(np.int64)
    result = _result(flows, record, left)
    # Where answers pass elsewhere, that none is seen says nothing.
    result[keys.among(mode, ONE_WAY)] = -1
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
        served=flows.served[record],
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


def _result(flows: FlowTable, record: Ints, left: Ints) -> Ints:
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
