"""Which end points are VIPs and servers, which addresses and MACs the balancer's own.

Roles belong to flows before they belong to addresses: one address may be VIP and source of back flows
(a Kemp with transparency off), client and server.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints, Legs
from pcapdiag.flows.table import FlowTable
from pcapdiag.settings import Settings
from pcapdiag.topology.clients import claims
from pcapdiag.topology.health import health_checks, of_a_pool, pool_checks
from pcapdiag.topology.named import addresses_named, endpoints_named
from pcapdiag.topology.votes import Votes

ENOUGH = 0.8
"""Share of legs that must agree before a MAC or a direction on the link decides the others."""

JITTER_NS = 1_000_000_000
"""Frames of several interfaces or queues may stand in the file by this much in the wrong order."""


@dataclass(frozen=True)
class Roles:
    """Roles in one file; numbers are those of its Legs."""

    vips: Ints
    """End points, ascending."""
    servers: Ints
    """End points, ascending."""
    self_addresses: Ints
    """Addresses that the balancer uses as source toward servers, or that were named."""
    balancer_macs: Ints
    found: bool
    """False: nothing in this file shows a balancer at work; every leg is a front of its own."""
    by_link: bool = False
    """True: the capturing host is the balancer; what it received is front, what it sent is back."""


def nobody() -> Roles:
    """Return the roles of a capture without a balancer."""
    none = np.empty(0, np.int64)
    return Roles(none, none, none, none, found=False)


def from_pairs(legs: Legs, front: Ints, back: Ints, votes: Votes) -> Roles:
    """Read roles off certain pairs (positions in `legs`)."""
    if not len(front):
        return nobody()
    vips, servers = votes.vips(), votes.servers()
    sound = keys.among(legs.endpoint[front], vips) & keys.among(legs.endpoint[back], servers)
    # An answer that passed this place without its SYN shows nothing of who sent the SYN.
    sound &= ~unasked(legs)[back]
    # Frames out of order in time: who began long before its cause has another one.
    begin = legs.column("first_ns")
    sound &= begin[back] >= begin[front] - JITTER_NS
    front, back = front[sound], back[sound]
    if not len(front):
        return nobody()
    changed = legs.source[front] != legs.source[back]
    own = keys.distinct(legs.source[back[changed]])
    into, out = legs.destination_mac[front], legs.source_mac[back]
    macs = keys.union(into[into >= 0], out[out >= 0])
    host = legs.sent_by_host
    agreeing = (host[front] == 0) & (host[back] == 1)
    return Roles(
        vips=np.sort(vips),
        servers=np.sort(servers),
        self_addresses=own,
        balancer_macs=macs,
        found=True,
        by_link=bool(agreeing.mean() > ENOUGH),
    )


def from_checks(legs: Legs) -> Roles:
    """Read roles off health checks alone: who checks servers by the clock, and serves others, balances.

    The last resort, for captures in which no front went on to a server.
    """
    first_hop = (legs.column("hop") <= 0) & ~unasked(legs)
    sends = (legs.sent_by_host == 1) & first_hop
    if not sends.any():
        # On plain Ethernet: senders that are also asked by others.
        sends = (
            (legs.source_mac >= 0) & keys.among(legs.source_mac, legs.destination_mac) & first_hop
        )
    checks = health_checks(legs, sends, keys.distinct(legs.source[sends]))
    if not checks.any():
        checks = pool_checks(legs, sends, ~sends)
    own_macs = keys.distinct(legs.source_mac[checks & (legs.source_mac >= 0)])
    asked = keys.among(legs.destination_mac, own_macs) & ~keys.among(legs.source_mac, own_macs)
    asked = (asked & (legs.destination_mac >= 0)) | (legs.sent_by_host == 0)
    servers = keys.distinct(legs.endpoint[checks])
    asked &= ~keys.among(legs.endpoint, servers)
    checks = of_a_pool(legs, checks, legs.column("port", 1)[asked])
    if not checks.any() or not asked.any():
        return nobody()
    servers = keys.distinct(legs.endpoint[checks])
    return Roles(
        vips=keys.distinct(legs.endpoint[asked]),
        servers=servers,
        self_addresses=keys.distinct(legs.source[checks]),
        balancer_macs=own_macs,
        found=True,
        by_link=bool((legs.sent_by_host[asked] == 0).all()),
    )


def with_claims(roles: Roles, legs: Legs, neighbors: NDArray[Any]) -> Roles:
    """Return the roles with the addresses that the balancer's MACs claim in ARP or ND as its own."""
    own_macs = set(roles.balancer_macs.tolist())
    claimed = {address for address, macs in claims(neighbors).items() if macs <= own_macs}
    numbers = [n for n, address in enumerate(legs.addresses) if address in claimed]
    own = keys.union(roles.self_addresses, np.array(numbers, np.int64))
    return replace(roles, self_addresses=own)


def with_direct_return(roles: Roles, legs: Legs, front: Ints, back: Ints) -> Roles:
    """Return the roles with those of flows that the balancer passed on untouched (DSR pairs)."""
    if not len(front):
        return roles
    into, out = legs.destination_mac[front], legs.source_mac[back]
    macs = np.concatenate([into[into >= 0], out[out >= 0]])
    return replace(
        roles,
        vips=keys.union(roles.vips, legs.endpoint[front]),
        servers=keys.outside(roles.servers, legs.endpoint[front]),
        balancer_macs=keys.union(roles.balancer_macs, macs),
        found=True,
    )


def transit(legs: Legs, roles: Roles, into: Ints, onward: Ints) -> Ints:
    """Return which of the legs `into` a balancer at work only routes: calls of nobody it serves.

    `onward` are the same flows behind it.
    """
    by_host = (legs.sent_by_host[into] == 0) & (legs.sent_by_host[onward] == 1)
    by_mac = keys.among(legs.source_mac[onward], roles.balancer_macs)
    routed = (by_mac | (by_host & roles.by_link)) & ~keys.among(legs.endpoint[into], roles.vips)
    return into[routed] if roles.found else into[:0]


def with_named(roles: Roles, legs: Legs, settings: Settings) -> Roles:
    """Return the roles with what the user named put first."""
    vips = endpoints_named(legs, settings.vips)
    servers = legs.endpoint[addresses_named(legs.destination, legs.addresses, settings.servers)]
    own = keys.distinct(
        legs.source[addresses_named(legs.source, legs.addresses, settings.balancers)]
    )
    if not (len(vips) or len(servers) or len(own)):
        return roles
    servers = keys.outside(keys.union(roles.servers, servers), vips)
    return replace(
        roles,
        vips=keys.outside(keys.union(roles.vips, vips), servers),
        servers=servers,
        self_addresses=keys.union(roles.self_addresses, own),
        found=True,
    )


def split(legs: Legs, roles: Roles) -> tuple[Bools, Bools]:
    """Return which legs may be fronts and which may be backs; a leg is at most one of them.

    Answers that nobody asked for here are neither: they belong to a session whose back passes elsewhere.
    """
    stray = unasked(legs)
    if not roles.found:
        return ~stray, np.zeros(len(legs), np.bool_)
    to_vip = keys.among(legs.endpoint, roles.vips)
    to_server = keys.among(legs.endpoint, roles.servers)
    own_source = keys.among(legs.source, roles.self_addresses)
    vip_addresses = keys.distinct(roles.vips >> 16)
    from_balancer = keys.among(legs.source_mac, roles.balancer_macs) & (legs.source_mac >= 0)
    to_balancer = keys.among(legs.destination_mac, roles.balancer_macs) & (
        legs.destination_mac >= 0
    )
    host = legs.sent_by_host
    if roles.by_link:
        front = (host == 0) & ~to_server
        back = (host == 1) & ~to_vip
    else:
        back = (to_server | own_source | from_balancer) & ~to_vip
        front = to_vip | (to_balancer & ~from_balancer)
    # A server asked by a client itself, past the balancer, is no leg of the balancer's.
    unknown_sender = (legs.source_mac < 0) & (host < 0)
    back &= own_source | from_balancer | (host == 1) | unknown_sender
    # Another service of a VIP's address is a service as well.
    front |= keys.among(legs.destination, vip_addresses) & ~back & ~to_server
    back &= ~front
    return front & ~stray, back & ~stray


def unasked(legs: Legs) -> Bools:
    """Return which legs are SYN-ACKs without their SYN that were refused with RST, or never taken."""
    return never_called(legs.flow)


def never_called(flow: FlowTable) -> Bools:
    """Return which records are SYN-ACKs without their SYN that were refused with RST, or never taken.

    Whoever refused them had not called there; where they are repeated and nothing goes back, they did not
    arrive.  The SYN took another way than past this place.
    """
    answered = (flow["syn_count"] <= 0) & (flow["syn_ack_count"] > 0)
    refused = flow["resets"][:, 0] > 0
    lost = (flow["syn_ack_count"] >= 2) & (flow["packets"][:, 0] <= 0)
    found: Bools = answered & (refused | lost) & (flow["bytes"] <= 0).all(axis=1)
    return found
