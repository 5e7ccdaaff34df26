"""Pairs that are certain by themselves: from them the roles are read.

Equal ISNs, rare equal content, a client address on frames that another machine sent, and a client that the
balancer names in an option; flows on two hops are :mod:`pcapdiag.sessions.direct`'s.
"""

from collections.abc import Sequence

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Ints, Legs
from pcapdiag.sessions import candidates
from pcapdiag.sessions.evidence import equal_isn

SOON_NS = 50_000_000
"""A back that carries the client's address follows the client's own packet within this."""

RARE = 2
"""Content shared by more legs than this (on either side) is no proof by itself."""


def pairs(
    legs: Legs, isn: Ints, content: Sequence[Ints], named: tuple[Ints, Ints]
) -> tuple[Ints, Ints]:
    """Return (front, back) pairs across different end points that need no roles to be believed.

    `isn` are the initiators' initial sequence numbers as codes, `content` as
    :func:`candidates.content_keys` gives it; `named` are those that the balancer tells.
    Later hops take no part: what passes through the capture point is no balancer's new flow.
    """
    everyone = np.flatnonzero(legs.column("hop") <= 0)
    front, back = _in_order(legs, *candidates.join(isn, everyone, everyone, RARE * 2))
    same = equal_isn.same(legs, front, back)
    found = [
        (front[same], back[same]),
        *(_in_order(legs, *candidates.join(key, everyone, everyone, RARE * 2)) for key in content),
        _kept_client(legs, everyone),
        named,
    ]
    front, back = candidates.once(
        np.concatenate([f for f, _ in found]), np.concatenate([b for _, b in found])
    )
    front, back = _elsewhere(legs, front, back)
    if not len(front):
        front, back = _elsewhere(legs, *_right_after(legs, everyone))
    return front, back


def _in_order(legs: Legs, front: Ints, back: Ints) -> tuple[Ints, Ints]:
    """Keep pairs whose back begins within the life of the front, and after its beginning."""
    first, last = legs.column("first_ns"), legs.column("last_ns")
    frame = legs.column("first_frame")
    inside = (frame[front] < frame[back]) & (first[back] <= last[front])
    return front[inside], back[inside]


def _kept_client(legs: Legs, everyone: Ints) -> tuple[Ints, Ints]:
    """Pair a leg with an earlier one of the same client when another machine sent it."""
    front, back = _in_order(legs, *candidates.by_client(legs, everyone, everyone, nearest=3))
    mac, host, ttl = legs.source_mac, legs.sent_by_host, legs.column("ttl", 0)
    by_mac = (mac[front] >= 0) & (mac[back] >= 0)
    by_host = (host[front] >= 0) & (host[back] >= 0)
    sent_elsewhere = np.where(
        by_host,
        (host[front] == 0) & (host[back] == 1),
        np.where(by_mac, mac[front] != mac[back], ttl[front] != ttl[back]),
    )
    ready = np.maximum(legs.column("handshake_ns")[front], legs.column("syn_ns")[front])
    soon = (ready >= 0) & (np.abs(legs.column("first_ns")[back] - ready) < SOON_NS)
    other = legs.destination[front] != legs.destination[back]
    keep = sent_elsewhere & soon & other
    return front[keep], back[keep]


def _right_after(legs: Legs, everyone: Ints) -> tuple[Ints, Ints]:
    """Pair what the capturing host sent right after it had completed a handshake itself.

    The last resort, when no stream and no client address went on: every server may be down.
    """
    host = legs.sent_by_host
    mac_in = keys.distinct(legs.destination_mac[legs.destination_mac >= 0])
    received = (host == 0) | ((host < 0) & keys.among(legs.destination_mac, legs.source_mac))
    sent = (host == 1) | ((host < 0) & keys.among(legs.source_mac, mac_in))
    sent &= ~((host < 0) & received & sent & (legs.source_mac < 0))
    front, back = everyone[received[everyone]], everyone[sent[everyone]]
    senders = len(back)
    ready = legs.column("handshake_ns")[front]
    front, ready = front[ready >= 0], ready[ready >= 0]
    order = np.argsort(ready, kind="stable")
    front, ready = front[order], ready[order]
    begin = legs.column("first_ns")[back]
    at = np.searchsorted(ready, begin, "right") - 1
    fits = at >= 0
    gap = begin - ready[np.maximum(at, 0)] if len(ready) else begin
    fits &= gap < SOON_NS // 10
    front, back = front[at[fits]], back[fits]
    if len(front) < 2 or len(front) < 0.4 * senders:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return _in_order(legs, front, back)


def _elsewhere(legs: Legs, front: Ints, back: Ints) -> tuple[Ints, Ints]:
    """Keep pairs between different end points that the link's facts allow."""
    host = legs.sent_by_host
    wrong_way = (host[front] == 1) | (host[back] == 0)
    into, out = legs.destination_mac[front], legs.source_mac[back]
    # A frame that the client's own machine sent to the server is not the balancer's.
    same_sender = (legs.source_mac[front] >= 0) & (legs.source_mac[front] == out) & (into != out)
    keep = (legs.endpoint[front] != legs.endpoint[back]) & ~wrong_way & ~same_sender
    return front[keep], back[keep]
