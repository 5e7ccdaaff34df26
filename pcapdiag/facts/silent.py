"""Why a front has no back: no server resolved, an answer past the balancer, or the balancer's own reply."""

from dataclasses import dataclass

import numpy as np

from pcapdiag.facts.addresses import Columns, Numbered, of_record
from pcapdiag.facts.backs import Backs
from pcapdiag.facts.fronts import Fronts
from pcapdiag.facts.roles import Roles
from pcapdiag.flows import keys
from pcapdiag.flows.events import NEIGHBOR_KINDS
from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import WHOLE
from pcapdiag.topology.callers import share_network
from pcapdiag.topology.model import Topology
from pcapdiag.topology.roles import never_called

MOST_TARGETS = 256
"""Addresses asked for in vain that are looked at."""

MOST_REPLIES = 1_000
"""SYN-ACKs that nobody asked for, of which so many are looked at."""

AFTER_NS = 1_000_000_000
"""A request this long after a front's last packet may still be for it."""


LATE_NS = 1_000_000_000
"""A back that comes this long after its front was ready was not the first thing tried."""


@dataclass(frozen=True)
class Waits:
    """Sessions that waited for a server, one entry a session."""

    session: Ints
    """Position among the fronts."""
    since: Ints
    until: Ints


def silent_columns(
    traffic: Traffic,
    numbered: Numbered,
    topology: Topology,
    fronts: Fronts,
    backs: Backs,
    roles: Roles,
) -> Columns:
    """Return the columns of `session` about fronts that got no server."""
    has_back = np.bincount(backs.owner, minlength=len(fronts.id)) > 0
    alone = np.flatnonzero(~has_back & (fronts.record >= 0) & (fronts.outcome == "failed"))
    ready, after = readiness(traffic, fronts, backs)
    late = np.flatnonzero(after >= LATE_NS)
    opened = traffic.flows["first_ns"][fronts.record[alone]]
    closed = traffic.flows["last_ns"][fronts.record[alone]] + AFTER_NS
    waits = Waits(
        np.concatenate([alone, late]),
        np.append(opened, ready[late]),
        np.append(closed, ready[late] + after[late]),
    )
    columns = _unresolved(traffic, numbered, topology, fronts, roles, waits)
    columns["back_after_ns"] = after
    columns |= _unasked(traffic, numbered, fronts, alone)
    status = np.full(len(fronts.id), -1, np.int64)
    status[alone] = traffic.flows["http_status"][fronts.record[alone]]
    columns["http_status"] = status
    return columns


def readiness(traffic: Traffic, fronts: Fronts, backs: Backs) -> tuple[Ints, Ints]:
    """Return when each front was ready for a back, and how long after that its first back's SYN came.

    Ready: by its first payload, where that came before the SYN, else by its handshake.  -1: unknown, or the
    back was there before.
    """
    flows, far = traffic.flows, np.iinfo(np.int64).max
    syn_ns = flows["syn_ns"][backs.record].astype(np.int64)
    first = np.full(len(fronts.id), far)
    np.minimum.at(first, backs.owner, np.where(syn_ns >= 0, syn_ns, far))
    opened = of_record(flows["handshake_ns"], fronts.record)
    asked = of_record(flows["first_data_ns"][:, 0], fronts.record)
    ready = np.where((asked >= 0) & (asked <= first), asked, opened)
    known = (first < far) & (ready >= 0) & (first >= ready)
    after = np.where(known, first, 0) - np.where(known, ready, 1)
    return np.where(known, ready, -1), after


def _unresolved(
    traffic: Traffic,
    numbered: Numbered,
    topology: Topology,
    fronts: Fronts,
    roles: Roles,
    waits: Waits,
) -> Columns:
    """Find whom the balancer asked for in vain while a front waited: to its end, or for its first back."""
    events = traffic.neighbors
    count = len(fronts.id)
    address, frame, requests = (np.full(count, -1, np.int64) for _ in range(3))
    own_macs = np.array(sorted(topology.balancer_macs), np.int64)
    kinds = [NEIGHBOR_KINDS.index("arp-request"), NEIGHBOR_KINDS.index("neighbor-solicitation")]
    asked = keys.among(events["kind"], kinds) & (numbered.target >= 0)
    asked &= keys.among(numbered.sender, roles.balancers) | keys.among(
        events["sender_mac"], own_macs
    )
    asked &= numbered.sender != numbered.target
    # Whoever claims an address, or sends a packet from it, is there.
    present = np.concatenate([numbered.sender, numbered.flow[:, 0]])
    there = np.concatenate([present, numbered.flow[traffic.flows["packets"][:, 1] > 0, 1]])
    # Nor is a server whoever calls, or is called: a virtual address may be missing as well.
    ends = np.concatenate([fronts.client, fronts.vip])
    asked &= ~keys.among(numbered.target, there) & ~keys.among(numbered.target, ends)
    waiting = waits.session
    for target in keys.distinct(numbered.target[asked])[:MOST_TARGETS].tolist():
        chosen = np.flatnonzero(asked & (numbered.target == target))
        chosen = chosen[np.lexsort((events["time_ns"][chosen], events["file"][chosen]))]
        for file in keys.distinct(events["file"][chosen]).tolist():
            mine = chosen[events["file"][chosen] == file]
            times = events["time_ns"][mine]
            first = np.searchsorted(times, waits.since)
            beyond = np.searchsorted(times, waits.until, side="right")
            hit = (beyond > first) & (fronts.file[waiting] == file) & (address[waiting] < 0)
            address[waiting[hit]] = target
            frame[waiting[hit]] = events["frame"][mine][first[hit]]
            requests[waiting[hit]] = (beyond - first)[hit]
    return {
        "unresolved": numbered.book.text(address),
        "unresolved_frame": frame,
        "unresolved_requests": requests,
    }


def _unasked(traffic: Traffic, numbered: Numbered, fronts: Fronts, alone: Ints) -> Columns:
    """Find SYN-ACKs for a client that had called somebody else (seen at the client or on its way)."""
    flows, count = traffic.flows, len(fronts.id)
    server, frame, reset, direct = (np.full(count, -1, np.int64) for _ in range(4))
    found = np.flatnonzero((flows["hop"] == WHOLE) & never_called(flows))
    # The last front of that client that waited when the SYN-ACK came; fronts are in order of time.
    waiting = alone[np.argsort(fronts.client[alone], kind="stable")]
    client, record_of = fronts.client[waiting], fronts.record[waiting]
    opened, closed = flows["first_ns"][record_of], flows["last_ns"][record_of] + AFTER_NS
    # What the balancer says by itself (HTTP 503) comes once it has waited in vain.
    replied = flows["first_data_ns"][record_of, 1]
    closed = np.where(replied >= 0, np.minimum(replied, closed), closed)
    # Payload that the client acknowledged, but that was not captured, came at a time unknown.
    closed[flows.served[record_of] & (replied < 0)] = -1
    taken = np.zeros(len(waiting), np.bool_)
    for record in found[:MOST_REPLIES].tolist():
        low, high = np.searchsorted(client, numbered.flow[record, 0] + np.array([0, 1]))
        came = flows["first_ns"][record]
        fits = ~taken[low:high] & (opened[low:high] <= came) & (came <= closed[low:high])
        fits &= fronts.vip[waiting[low:high]] != numbered.flow[record, 1]
        if fits.any():
            at = low + int(np.flatnonzero(fits)[-1])
            taken[at] = True
            server[waiting[at]] = numbered.flow[record, 1]
            frame[waiting[at]] = flows["syn_ack_frame"][record]
            reset[waiting[at]] = flows["reset_frame"][record, 0]
            direct[waiting[at]] = _by_itself(traffic, numbered, record, int(record_of[at]))
    return {
        "unasked_server": numbered.book.text(server),
        "unasked_frame": frame,
        "unasked_reset_frame": reset,
        "unasked_direct": direct,
    }


def _by_itself(traffic: Traffic, numbered: Numbered, answer: int, front: int) -> int:
    """Return 1 when a server sent its answer to its neighbour, the client, 0: through a gateway, -1: unknown.

    Both MACs are their own: they claim the addresses. Where nobody claims the server's, it is not the MAC
    that the service's packets come from; the client may also be known by lying in the server's network.
    """
    flows, claims = traffic.flows, traffic.neighbors["sender_mac"]
    mac, to = flows["mac"][answer, 1].tolist()
    client, server = numbered.flow[answer].tolist()
    near = share_network(*(numbered.book.address(number) for number in (client, server)))
    if flows["first_hop"][answer] >= 0:
        return 0
    if mac < 0:
        return -1
    if not (near or (to >= 0 and (claims[numbered.sender == client] == to).any())):
        return 0
    known = claims[numbered.sender == server]
    if (known >= 0).any():
        return int((known == mac).any())
    return int(near and flows["mac"][front, 1, 0] not in (mac, -1))
