"""Balancers seen from behind: a station that calls a server by itself and passes on calls of others.

What the capture of a real server shows, where no front is.  Source: RFC 826, RFC 4861 (who owns a MAC).
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Ints


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


def _groups(service: Ints, mac: Ints, calls: Ints) -> dict[tuple[int, int], Ints]:
    """Return the calls by service and MAC."""
    order = calls[np.lexsort((mac[calls], service[calls]))]
    cuts = np.flatnonzero((np.diff(service[order]) != 0) | (np.diff(mac[order]) != 0)) + 1
    return {
        (int(service[part[0]]), int(mac[part[0]])): np.sort(part)
        for part in np.split(order, cuts)
        if len(part)
    }
