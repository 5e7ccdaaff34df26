"""All files of an analysis: pairs, sessions and topology, each session once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import HANDSHAKES, FlowTable
from pcapdiag.payload import http1, stream
from pcapdiag.sessions import requests, retries
from pcapdiag.sessions.build import sessions_of
from pcapdiag.sessions.model import Sessions, together
from pcapdiag.sessions.pairs import Pairs, pair_file
from pcapdiag.settings import Settings
from pcapdiag.topology.callers import share_network
from pcapdiag.topology.describe import describe
from pcapdiag.topology.describe import together as whole
from pcapdiag.topology.health import LARGEST_BYTES, of_a_pool
from pcapdiag.topology.model import Topology
from pcapdiag.topology.scans import scans

BY_REQUESTS = ("requests", "time")
"""The evidence of reused connections."""


def pair(traffic: Traffic, settings: Settings) -> tuple[Topology, Sessions]:
    """Return who is who and the sessions of all files, numbered from 1 in order of file and frame."""
    parts: list[Topology] = []
    sessions: list[Sessions] = []
    for file in range(len(traffic.captures)):
        pairs = _settled(_with_reuse(traffic, file, pair_file(traffic, file, settings)))
        neighbors = traffic.neighbors[traffic.neighbors["file"] == file]
        paired = (pairs.front, pairs.back)
        scanned = scans(pairs.legs, pairs.fronts)
        parts.append(
            describe(
                pairs.legs,
                pairs.roles,
                pairs.fronts,
                paired,
                pairs.health_checks,
                scanned,
                neighbors,
                settings,
            )
        )
        end = traffic.captures[file].account.last_ns
        found = sessions_of(pairs, end)
        of_users = ~keys.among(found.front, pairs.legs.record[scanned])
        sessions.append(found.at(np.flatnonzero(of_users)) if scanned.any() else found)
    return whole(parts), _each_once(traffic, sessions).numbered()


def _with_reuse(traffic: Traffic, file: int, pairs: Pairs) -> Pairs:
    """Pair request by request where connections were reused."""
    if not requests.reused(pairs.scene, pairs.front, pairs.back, pairs.health_checks):
        return pairs

    def read(events: NDArray[Any]) -> Sequence[http1.Request | None]:
        return [http1.request(data) for data in stream.read(traffic, file, events)]

    taking = ~retries.failed(pairs.legs)
    carried = requests.carry(pairs.scene, traffic.events, len(traffic.flows), read, taking)
    # Legs whose requests were paired leave their one-to-one pair; the others keep theirs.
    keep = ~keys.among(pairs.back, carried.back) & ~keys.among(pairs.front, carried.front)
    return replace(
        pairs,
        front=np.concatenate([pairs.front[keep], carried.front]),
        back=np.concatenate([pairs.back[keep], carried.back]),
        confidence=np.concatenate([pairs.confidence[keep], carried.confidence]),
        evidence=np.concatenate(
            [pairs.evidence[keep], np.full(len(carried.front), len(pairs.kinds))]
        ),
        kinds=(*pairs.kinds, BY_REQUESTS),
    )


def _settled(pairs: Pairs) -> Pairs:
    """Return the pairs with `health_checks` and `backs` final: health checks are nobody's back.

    Where most backs found their fronts, what is left of the balancer's own short dialogues are health checks,
    even when they are too few for a beat; whatever it opens only to see whether somebody takes it, is one.
    What it calls far away, and nobody else does, are its own affairs.
    """
    legs = pairs.legs
    paired = np.zeros(len(legs), np.bool_)
    paired[pairs.back] = True
    left = pairs.backs & ~paired
    said = legs.flow["bytes"].sum(axis=1)
    own = left & keys.among(legs.source, pairs.roles.self_addresses)
    short = own & (said <= LARGEST_BYTES)
    # It answers the SYN-ACK with RST (HAProxy's plain check).
    looks = own & (said == 0) & (legs.column("handshake") == HANDSHAKES.index("partial"))
    looks &= (legs.column("syn_ack_count") > 0) & (legs.flow["resets"][:, 0] > 0)
    left &= ~_own_affairs(pairs, left, paired)
    few = 2 * int(left.sum()) < int(paired.sum()) + 2
    checks = left & (pairs.health_checks | looks | (short if few else False))
    return replace(pairs, backs=left | paired, health_checks=checks)


def _own_affairs(pairs: Pairs, left: Bools, paired: Bools) -> Bools:
    """Return which unpaired backs the balancer opened for itself: of no pool, and in no known network."""
    legs = pairs.legs
    own = left & keys.among(legs.source, pairs.roles.self_addresses)
    if not paired.any() or not own.any():
        return np.zeros(len(legs), np.bool_)
    port = legs.column("port", 1)
    own &= ~keys.among(legs.destination, legs.destination[paired])
    own &= ~of_a_pool(legs, own, np.concatenate([port[paired], port[pairs.fronts]]))
    here = [*pairs.roles.self_addresses.tolist(), *keys.distinct(legs.destination[paired]).tolist()]
    networks = [legs.addresses[number] for number in here]
    called = keys.distinct(legs.destination[own]).tolist()
    far = [
        number
        for number in called
        if not any(share_network(legs.addresses[number], other) for other in networks)
    ]
    return own & keys.among(legs.destination, far)


def _connections(flows: FlowTable) -> Ints:
    """Return one number a record, equal for the same connection wherever it was seen.

    Who called whom with which number tells; where a router has changed the caller's address (RFC 3022),
    the numbers of both sides and whom he called do.
    """
    address, port = flows["address"].astype(np.int64), flows["port"].astype(np.int64)
    isn = flows["isn"]
    number = keys.numbers(*address.reshape(-1, 8).T, *port.T, isn[:, 0])
    both = np.flatnonzero((isn >= 0).all(axis=1))
    called = keys.numbers(*address[both, 1].T, port[both, 1], *isn[both].T)
    # Those that share both numbers take the least of their own.
    least = np.full(len(both), len(flows), np.int64)
    np.minimum.at(least, called, number[both])
    same = np.arange(len(flows))
    np.minimum.at(same, number[both], least[called])
    return same[number]


def _each_once(traffic: Traffic, parts: list[Sessions]) -> Sessions:
    """Leave out a lone leg that another file shows too."""
    sessions = together(parts)
    if len(parts) == 1:
        return sessions
    key = _connections(traffic.flows)
    lone = (sessions.front < 0) | (sessions.back_count == 0)
    taken = [sessions.front[~lone], sessions.back[~lone[sessions.owner]]]
    own = sessions.front[lone]
    own[own < 0] = sessions.back[sessions.first_back[lone][own < 0]]
    keep = ~lone
    _, first = np.unique(key[own], return_index=True)
    fresh = keys.among(np.arange(len(own)), first) & ~keys.among(
        key[own], key[np.concatenate(taken)]
    )
    keep[lone] = fresh
    return sessions.at(np.flatnonzero(keep))
