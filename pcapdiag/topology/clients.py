"""How clients reach the balancer: with their own MAC (on-link) or through a gateway.

Source: RFC 826 and RFC 4861 (who claims which address), and the usual initial TTLs 64, 128 and 255.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.legs import Address, Bools, Ints, Legs, address_of
from pcapdiag.topology.model import Gateway

INITIAL_TTLS = (64, 128, 255)


@dataclass(frozen=True)
class Access:
    """Clients by how they come in."""

    on_link: frozenset[Address]
    routed: frozenset[Address]
    gateways: tuple[Gateway, ...]


def claims(neighbors: NDArray[Any]) -> dict[Address, set[int]]:
    """Return the MACs that claimed each address in ARP or neighbour discovery."""
    claimed: dict[Address, set[int]] = {}
    # In advertisements the kernel puts the address spoken for, and its MAC, in the sender's place.
    spoken = neighbors[(neighbors["sender_mac"] >= 0) & neighbors["sender"].any(axis=1)]
    # Each distinct claim once: a capture repeats the same few for hours.
    distinct = np.unique(spoken[["ip_version", "sender", "sender_mac"]]) if len(spoken) else spoken
    for row in distinct:
        address = address_of(row["sender"], int(row["ip_version"]))
        claimed.setdefault(address, set()).add(int(row["sender_mac"]))
    return claimed


def access(legs: Legs, fronts: Bools, neighbors: NDArray[Any], balancer_macs: Ints) -> Access:
    """Return how the clients of the fronts come in.

    A client whose frames carry a MAC that claimed its address is on-link, one whose frames carry a MAC
    that claimed other addresses only, or whose TTL shows a router, is routed; else it is in neither set.
    """
    claimed = claims(neighbors)
    seen = np.flatnonzero(
        fronts & (legs.source_mac >= 0) & ~np.isin(legs.source_mac, balancer_macs)
    )
    ttl = legs.column("ttl", 0)
    triples = np.unique(
        np.column_stack([legs.source[seen], legs.source_mac[seen], ttl[seen]]), axis=0
    )
    clients = {legs.addresses[number] for number in triples[:, 0].tolist()}
    by_mac: dict[int, set[Address]] = {}
    on_link, routed = set[Address](), set[Address]()
    for number, mac, hops in triples.tolist():
        client = legs.addresses[number]
        if mac in claimed.get(client, ()):
            on_link.add(client)
            continue
        pristine = hops in INITIAL_TTLS
        owner = {a for a, macs in claimed.items() if mac in macs and a not in clients}
        if (owner and client not in claimed) or not pristine:
            routed.add(client)
            by_mac.setdefault(mac, set()).add(client)
    routed -= on_link
    gateways = tuple(
        Gateway(mac, tuple(sorted(_owned(claimed, mac, clients), key=_order)), _reason(through))
        for mac, through in sorted(by_mac.items())
        if through & routed
    )
    return Access(frozenset(on_link), frozenset(routed), gateways)


def _owned(claimed: dict[Address, set[int]], mac: int, clients: set[Address]) -> set[Address]:
    return {a for a, macs in claimed.items() if mac in macs and a not in clients}


def _order(address: Address) -> tuple[int, int]:
    return address.version, int(address)


def _reason(through: set[Address]) -> str:
    count = len(through)
    return f"{count} client {'address comes' if count == 1 else 'addresses come'} through this MAC"
