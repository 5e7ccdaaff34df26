"""The topology of one file in addresses and reasons, and of several files together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Address, Bools, Ints, Legs
from pcapdiag.settings import Settings
from pcapdiag.topology.callers import callers, owned, reaching
from pcapdiag.topology.clients import access, by_value, claims
from pcapdiag.topology.model import Gateway, Role, Topology
from pcapdiag.topology.roles import Roles

CLAIMED = "it is claimed with the balancer's MAC in ARP or ND"
"""The weakest reason to take an address for the balancer's."""


def describe(
    legs: Legs,
    roles: Roles,
    fronts: Bools,
    paired: tuple[Ints, Ints],
    health_checks: Bools,
    scanned: Bools,
    neighbors: NDArray[Any],
    settings: Settings,
) -> Topology:
    """Return who is who in one file.

    `paired` are the fronts and backs of the pairs, positions in `legs`; `health_checks` those that are
    nobody's back, `scanned` the fronts of scanners; `neighbors` the file's NEIGHBOR events.
    """
    front, back = paired
    fronts = fronts & ~scanned
    clients = access(legs, fronts, neighbors, roles.balancer_macs)
    own_macs = set(roles.balancer_macs.tolist())
    found = Topology(
        vips=_vips(legs, roles, fronts, front, settings),
        balancers=_balancers(legs, roles, front, back, neighbors, settings),
        servers=_servers(legs, roles, back, health_checks, neighbors, settings),
        gateways=tuple(g for g in clients.gateways if g.mac not in own_macs),
        on_link=clients.on_link,
        routed=clients.routed,
        balancer_macs=frozenset(own_macs),
        health_checks=frozenset(legs.record[health_checks].tolist()),
        scans=frozenset(legs.record[scanned].tolist()),
    )
    return found if roles.found else _from_behind(found, legs, fronts, neighbors)


def _from_behind(found: Topology, legs: Legs, fronts: Bools, neighbors: NDArray[Any]) -> Topology:
    """Return the topology with services called real servers where a balancer calls them."""
    number = {address: n for n, address in enumerate(legs.addresses)}
    claimed: dict[int, set[int]] = {}
    for address, macs in claims(neighbors).items():
        for mac in macs:
            # An address without TCP has no number here; any other one will do to keep it apart.
            claimed.setdefault(mac, set()).add(number.get(address, -1))
    calls = np.flatnonzero(fronts)
    calls = calls[reaching(legs.destination_mac[calls], legs.destination[calls], claimed)]
    station, client = legs.source_mac[calls], legs.source[calls]
    own = owned(station, client, legs.flow, calls, claimed)
    seen = callers(legs.endpoint[calls], station, client, own)
    behind: dict[int, Role] = {}
    balancers: dict[Address, Role] = {}
    for caller in seen:
        address = legs.addresses[int(legs.source[calls[caller.own[0]]])]
        passed_on = _count(len(caller.passed_on), "call")
        reason = f"it calls {_address(legs, caller.service)} itself, and {passed_on} of others"
        balancers.setdefault(address, Role(address, None, f"{reason} come from its MAC"))
        server = _address(legs, caller.service)
        reason = f"{address} calls it itself and passes on {passed_on} of others"
        behind[caller.service] = Role(server, caller.service & 0xFFFF, reason)
    real = {(role.address, role.port) for role in behind.values()}
    return replace(
        found,
        vips=tuple(role for role in found.vips if (role.address, role.port) not in real),
        balancers=_first((*found.balancers, *balancers.values())),
        servers=_first((*found.servers, *behind.values())),
    )


def _vips(
    legs: Legs, roles: Roles, fronts: Bools, front: Ints, settings: Settings
) -> tuple[Role, ...]:
    named = {vip.address for vip in settings.vips}
    with_back = _tally(legs.endpoint[keys.distinct(front)])
    found = []
    for endpoint, flows in sorted(_tally(legs.endpoint[fronts]).items()):
        address = _address(legs, endpoint)
        pairs = with_back.get(endpoint, 0)
        if str(address) in named:
            reason = "named by the user"
        elif pairs:
            reason = f"{_count(pairs, 'front flow')} to it went on to a server"
        elif roles.found:
            reason = f"{_count(flows, 'flow')} to the balancer; none of them went on to a server"
        else:
            reason = f"{_count(flows, 'flow')} to it; no balancer was seen at work"
        found.append(Role(address, endpoint & 0xFFFF, reason))
    return tuple(found)


def _balancers(
    legs: Legs,
    roles: Roles,
    front: Ints,
    back: Ints,
    neighbors: NDArray[Any],
    settings: Settings,
) -> tuple[Role, ...]:
    reasons: dict[Address, str] = {}
    opened = _tally(legs.source[keys.distinct(back)])
    for number in roles.self_addresses.tolist():
        flows = opened.get(number, 0)
        if flows:
            reasons[legs.addresses[number]] = f"{_count(flows, 'back flow')} from it"
    own_macs = set(roles.balancer_macs.tolist())
    for address, macs in claims(neighbors).items():
        if macs <= own_macs:
            reasons.setdefault(address, CLAIMED)
    # Unless servers answer by themselves, whoever answers on a VIP is the balancer.
    for endpoint in keys.distinct(legs.endpoint[front]).tolist() if roles.found else ():
        reasons.setdefault(_address(legs, endpoint), "it is a VIP")
    for address in legs.addresses if settings.balancers else ():
        if str(address) in settings.balancers:
            reasons[address] = "named by the user"
    return tuple(Role(a, None, reasons[a]) for a in sorted(reasons, key=by_value))


def _servers(
    legs: Legs,
    roles: Roles,
    back: Ints,
    health_checks: Bools,
    neighbors: NDArray[Any],
    settings: Settings,
) -> tuple[Role, ...]:
    back = keys.distinct(back)
    direct = keys.among(legs.endpoint[back], roles.vips)
    found = _direct_servers(legs, back[direct], neighbors)
    carried = _tally(legs.endpoint[back[~direct]])
    checked = _tally(legs.endpoint[health_checks])
    for endpoint in sorted({*carried, *checked, *roles.servers.tolist()}):
        address = _address(legs, endpoint)
        if str(address) in settings.servers:
            reason = "named by the user"
        elif carried.get(endpoint):
            reason = f"{_count(carried[endpoint], 'back flow')} to it"
        elif checked.get(endpoint):
            reason = f"{_count(checked[endpoint], 'health check')} to it"
        else:
            reason = "the balancer opens flows to it"
        found.append(Role(address, endpoint & 0xFFFF, reason))
    return tuple(found)


def _direct_servers(legs: Legs, back: Ints, neighbors: NDArray[Any]) -> list[Role]:
    """Servers that return directly keep the VIP as destination: only their MAC names them."""
    claimed = claims(neighbors)
    tally = Counter(
        zip(
            legs.destination_mac[back].tolist(),
            (legs.endpoint[back] & 0xFFFF).tolist(),
            strict=True,
        )
    )
    found = []
    for (mac, port), flows in sorted(tally.items()):
        owners = sorted((a for a, macs in claimed.items() if mac in macs), key=by_value)
        if mac >= 0 and owners:
            reason = f"{_count(flows, 'flow')} passed on to its MAC with the VIP as destination"
            found.append(Role(owners[0], port, reason))
    return found


def together(parts: Sequence[Topology]) -> Topology:
    """Return one topology of several files: each end point once, with the reason that says most."""
    # Where the balancer was seen at work more is known than elsewhere.
    parts = sorted(parts, key=lambda part: (not part.balancer_macs, not part.servers))
    servers = _first(role for part in parts for role in part.servers)
    # What one file shows as a server, another may have taken for a service of its own.
    real = {(role.address, role.port) for role in servers}
    vips = _first(role for part in parts for role in part.vips)
    gateways: dict[int, Gateway] = {}
    for part in parts:
        for gateway in part.gateways:
            gateways.setdefault(gateway.mac, gateway)
    # One file's balancer may be what another one shows to be the router between.
    routers = {address for gateway in gateways.values() for address in gateway.addresses}
    # On-link is what the balancer's own place shows: every client is on-link to its own router.
    places = [part for part in parts if part.balancer_macs] or parts
    on_link = frozenset[Address]().union(*(part.on_link for part in places))
    return Topology(
        vips=tuple(role for role in vips if (role.address, role.port) not in real),
        balancers=_first(
            role
            for part in parts
            for role in part.balancers
            if role.reason != CLAIMED or role.address not in routers
        ),
        servers=servers,
        gateways=tuple(gateways[mac] for mac in sorted(gateways)),
        on_link=on_link,
        routed=frozenset[Address]().union(*(part.routed for part in places)) - on_link,
        balancer_macs=frozenset[int]().union(*(part.balancer_macs for part in parts)),
        health_checks=frozenset[int]().union(*(part.health_checks for part in parts)),
        scans=frozenset[int]().union(*(part.scans for part in parts)),
    )


def _first(roles: Iterable[Role]) -> tuple[Role, ...]:
    kept: dict[tuple[Address, int | None], Role] = {}
    for role in roles:
        kept.setdefault((role.address, role.port), role)
    return tuple(sorted(kept.values(), key=lambda r: (by_value(r.address), r.port or -1)))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _address(legs: Legs, endpoint: int) -> Address:
    return legs.addresses[endpoint >> 16]


def _tally(values: Ints) -> dict[int, int]:
    ordered = np.sort(values)
    first = np.flatnonzero(keys.fresh(ordered))
    count = np.diff(first, append=len(ordered))
    return dict(zip(ordered[first].tolist(), count.tolist(), strict=True))
