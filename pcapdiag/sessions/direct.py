"""One flow on two hops: passed on to a server that answers past the balancer, or routed through.

Direct server return shows packets of one direction only, on both hops.  So does a router that packets take
on one way only, or that nobody answers; whose the called address is, and where its packets go, tells.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Address, Bools, Ints, Legs
from pcapdiag.flows.table import WHOLE
from pcapdiag.topology.callers import share_network
from pcapdiag.topology.clients import by_number

SEVERAL = 2
"""Servers that share a virtual address; clients that share a gateway."""


@dataclass(frozen=True)
class Hops:
    """Positions among the legs, but for `passing`."""

    front: Ints
    """The first hop of flows under direct server return."""
    back: Ints
    """Their second."""
    passing: Bools
    """One entry a leg: the same leg seen again."""
    into: Ints
    """The first hop of flows that were routed though no answer came that way."""
    onward: Ints
    """Their second."""


def hops_of(legs: Legs, claimed: Mapping[Address, Set[int]]) -> Hops:
    """Return what flows on several hops are; `claimed` are the MACs that claim each address."""
    hop, whole = legs.column("hop"), legs.column("whole")
    answers = legs.column("packets", 1)
    passing = np.zeros(len(legs), np.bool_)
    hops = np.flatnonzero(hop != WHOLE)
    none = np.empty(0, np.int64)
    if not len(hops):
        return Hops(none, none, passing, none, none)
    order = hops[np.lexsort((hop[hops], whole[hops]))]
    answered = keys.distinct(whole[hops][answers[hops] > 0])
    # A third hop is a packet that came back: a loop, or a path with several routers.
    again = keys.distinct(whole[hops][hop[hops] > 1])
    one_way = ~keys.among(whole[order], keys.union(answered, again))
    follows = (hop[order][1:] == 1) & (whole[order][1:] == whole[order][:-1])
    front, back = order[:-1][follows & one_way[1:]], order[1:][follows & one_way[1:]]
    # In a tunnel for frames the MACs are those of the inner network.
    entered = legs.entered(front, back)
    sent_on = entered | (
        (legs.destination_mac[front] < 0) | (legs.destination_mac[front] == legs.source_mac[back])
    )
    host = legs.sent_by_host
    sent_on &= (host[front] < 0) | ((host[front] == 0) & (host[back] == 1))
    front, back, entered = front[sent_on], back[sent_on], entered[sent_on]
    direct = entered | _to_servers(legs, front, back, claimed)
    passing[hops] = hop[hops] > 0
    passing[back[direct]] = False
    return Hops(front[direct], back[direct], passing, front[~direct], back[~direct])


def _to_servers(legs: Legs, front: Ints, back: Ints, claimed: Mapping[Address, Set[int]]) -> Bools:
    """Return which of these flows go to servers of a virtual address that the one who passes them on holds.

    He claims the address; or he deals its flows out to several stations; or it lies in his own network, and
    some client goes on as one who got its answers does.
    """
    called, onward = legs.destination[front], legs.destination_mac[back]
    mac = np.where(legs.source_mac[back] >= 0, legs.source_mac[back], legs.destination_mac[front])
    owned = [(a, m) for a, some in by_number(legs.addresses, claimed).items() for m in some]
    pairs = np.array(owned, np.int64).reshape(-1, 2)
    owners = np.concatenate([called, pairs[:, 0]]), np.concatenate([mac, pairs[:, 1]])
    code = keys.numbers(*owners)
    own = keys.among(code[: len(called)], code[len(called) :])
    # Who claims it is where it is going.
    elsewhere = keys.among(called, pairs[:, 0]) & ~own
    known = onward >= 0
    dealt = called[known][keys.firsts(called[known], onward[known])]
    several = keys.among(called, _with(dealt, SEVERAL))
    alive = (legs.column("highest_ack", 0)[front] >= 0) | (legs.column("bytes", 0)[front] > 0)
    alive = keys.among(legs.endpoint[front], legs.endpoint[front][alive])
    gateway = keys.among(onward, _gateways(legs)) & known
    near = alive & _near(legs, called, mac, claimed)
    found: Bools = (own | several | near) & ~elsewhere & ~gateway
    return found


def _with(values: Ints, fewest: int) -> Ints:
    """Return the values that come so often at least."""
    ordered = values[keys.order(values)]
    starts = np.flatnonzero(keys.fresh(ordered))
    count = np.diff(np.append(starts, len(ordered)))
    return ordered[starts][count >= fewest]


def _gateways(legs: Legs) -> Ints:
    """Return the MACs from which several addresses call."""
    first = np.flatnonzero((legs.column("hop") <= 0) & (legs.source_mac >= 0))
    mac, source = legs.source_mac[first], legs.source[first]
    return _with(mac[keys.firsts(mac, source)], SEVERAL)


def _near(legs: Legs, called: Ints, mac: Ints, claimed: Mapping[Address, Set[int]]) -> Bools:
    """Return which called addresses lie in a network of those that the MAC claims."""
    addresses: dict[int, list[Address]] = {}
    for address, macs in claimed.items():
        for each in macs:
            addresses.setdefault(each, []).append(address)
    once = keys.firsts(called, mac)
    near = [
        any(share_network(legs.addresses[one], other) for other in addresses.get(who, ()))
        for one, who in zip(called[once].tolist(), mac[once].tolist(), strict=True)
    ]
    found: Bools = np.array(near, np.bool_)[keys.numbers(called, mac)] if len(once) else called < 0
    return found
