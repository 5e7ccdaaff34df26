"""Balancers seen from behind: a station that calls a server by itself and passes on calls of others.

What the capture of a real server shows, where no front is.  Source: RFC 826, RFC 4861 (who owns a MAC).
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Address, Bools, Ints
from pcapdiag.flows.table import HANDSHAKES, FlowTable
from pcapdiag.topology.clients import INITIAL_TTLS

ON_LINK_BITS = 8, 64
"""Bits of an address that differ within its own network as most are cut: an IPv4 /24, an IPv6 /64."""

FEWEST_SILENT = 2
"""Clients that one station has to call for in vain."""


@dataclass(frozen=True)
class Caller:
    """One station and the service it calls; positions among the calls given."""

    service: int
    own: Ints
    """Calls that carry an address which the station claims."""
    passed_on: Ints
    """Calls from the station's MAC that carry an address which nobody claims."""


def callers(
    service: Ints, mac: Ints, client: Ints, claimed: Mapping[int, Set[int]]
) -> list[Caller]:
    """Return for each service the station that passes most calls on, if it calls there itself.

    The first three are one entry a call; `claimed` are the clients that each MAC claims in ARP or
    neighbour discovery: those are on-link, nobody passes their calls on.
    """
    known = np.flatnonzero(mac >= 0)
    on_link = np.array(sorted(set().union(*claimed.values())), np.int64)
    far = known[~keys.among(client[known], on_link)]
    near = known[keys.among(client[known], on_link)]
    mine = [int(client[at]) in claimed.get(int(mac[at]), ()) for at in near.tolist()]
    near = near[np.array(mine, np.bool_)]
    # A scan calls a million services; only those that a station calls itself matter.
    far = far[keys.among(service[far], service[near])]
    found: dict[int, Caller] = {}
    own, passed_on = _groups(service, mac, near), _groups(service, mac, far)
    for group in sorted(own.keys() & passed_on.keys()):
        one = Caller(group[0], own[group], passed_on[group])
        best = found.get(one.service)
        if best is None or len(one.passed_on) > len(best.passed_on):
            found[one.service] = one
    return list(found.values())


def owned(
    mac: Ints, client: Ints, flows: FlowTable, record: Ints, claimed: Mapping[int, Set[int]]
) -> Mapping[int, Set[int]]:
    """Return what each MAC claims, and for those that claim nothing which client is the station itself.

    One that makes its calls itself (no router has taken a hop off their TTL) and has several addresses calls
    with its own and with others'.  Its own is the one that is answered and in the network of whom it calls;
    at least FEWEST_SILENT others, from elsewhere, never are.  All but two are one entry a call.
    """
    known = np.flatnonzero((mac >= 0) & ~keys.among(mac, tuple(claimed)))
    mac, client, record = mac[known], client[known], record[known]
    answered = flows["packets"][record, 1] > 0
    answered &= flows["handshake"][record] != HANDSHAKES.index("refused")
    near = _in_one_network(flows, record)
    # A client of the network of whom it calls in vain, or one from elsewhere that is answered, is a client.
    strange = ~keys.among(flows["ttl"][record, 0], INITIAL_TTLS) | (near != answered)
    pair, first = keys.numbers(mac, client), keys.firsts(mac, client)
    heard = np.bincount(pair, answered, len(first)) > 0
    macs = keys.distinct(mac[first])
    station = np.searchsorted(macs, mac[first])
    one = np.bincount(station, heard, len(macs)) == 1
    silent = np.bincount(station, ~heard, len(macs)) >= FEWEST_SILENT
    fits = np.bincount(station, np.bincount(pair, strange, len(first)), len(macs)) == 0
    chosen = first[heard & (one & silent & fits)[station]]
    found = zip(mac[chosen].tolist(), client[chosen].tolist(), strict=True)
    return {**claimed, **{station: {itself} for station, itself in found}}


def share_network(one: Address, other: Address) -> bool:
    """Return whether two addresses lie in one network, as far as ON_LINK_BITS tell."""
    bits = ON_LINK_BITS[one.version == 6]
    return one.version == other.version and int(one) >> bits == int(other) >> bits


def _in_one_network(flows: FlowTable, record: Ints) -> Bools:
    """Return which flows have both ends in one network, as far as ON_LINK_BITS tell."""
    words = flows["address"][record].astype(np.int64)
    four, six = ON_LINK_BITS
    same = words[:, 0] == words[:, 1]
    of_six = same[:, : (128 - six) // 32].all(axis=1)
    of_four = words[:, 0, 0] >> four == words[:, 1, 0] >> four
    near: Bools = np.where(flows["ip_version"][record] == 6, of_six, of_four)
    return near


def reaching(mac: Ints, called: Ints, claimed: Mapping[int, Set[int]]) -> Bools:
    """Return which calls go to the MAC of whom they call, or to one that nobody claims anything for.

    Others go to a router: whoever sends them is no neighbour of whom he calls.  `mac` (destination) and
    `called` are one entry a call, in the numbers of `claimed`.
    """
    pairs = np.array([(m, a) for m, some in claimed.items() for a in some], np.int64).reshape(-1, 2)
    code = keys.numbers(np.concatenate([mac, pairs[:, 0]]), np.concatenate([called, pairs[:, 1]]))
    own = keys.among(code[: len(mac)], code[len(mac) :])
    found: Bools = own | ~keys.among(mac, pairs[:, 0])
    return found


def _groups(service: Ints, mac: Ints, calls: Ints) -> dict[tuple[int, int], Ints]:
    """Return the calls by service and MAC."""
    order = calls[np.lexsort((mac[calls], service[calls]))]
    cuts = np.flatnonzero((np.diff(service[order]) != 0) | (np.diff(mac[order]) != 0)) + 1
    return {
        (int(service[part[0]]), int(mac[part[0]])): np.sort(part)
        for part in np.split(order, cuts)
        if len(part)
    }
