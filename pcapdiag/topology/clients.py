"""How clients reach the balancer: with their own MAC (on-link) or through a gateway.

Source: RFC 826 and RFC 4861 (who claims which address), and the usual initial TTLs 64, 128 and 255.
"""

from bisect import bisect_left
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows import keys
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
    version, mac = (spoken[name].astype(np.int64) for name in ("ip_version", "sender_mac"))
    words = spoken["sender"].astype(np.int64)
    # Each distinct claim once: a capture repeats the same few for hours.
    once = keys.firsts(version, *words.T, mac)
    for some, kind, number in zip(
        words[once].tolist(), version[once].tolist(), mac[once].tolist(), strict=True
    ):
        claimed.setdefault(address_of(some, kind), set()).add(number)
    return claimed


def access(legs: Legs, fronts: Bools, neighbors: NDArray[Any], balancer_macs: Ints) -> Access:
    """Return how the clients of the fronts come in.

    A client whose frames carry a MAC that claimed its address is on-link, one whose frames carry a MAC
    that claimed other addresses only, or whose TTL shows a router, is routed; else it is in neither set.
    """
    claimed = claims(neighbors)
    seen = np.flatnonzero(
        fronts & (legs.source_mac >= 0) & ~keys.among(legs.source_mac, balancer_macs)
    )
    ttl = legs.column("ttl", 0)
    columns = [column[seen] for column in (legs.source, legs.source_mac, ttl)]
    triples = np.column_stack(columns)[keys.firsts(*columns)]
    # Addresses by number: hashing them costs more than all else here.
    claimed_by = by_number(legs.addresses, claimed)
    clients = set(triples[:, 0].tolist())
    own = {legs.addresses[number] for number in claimed_by if number in clients}
    forwarding = {mac for address in claimed.keys() - own for mac in claimed[address]}
    by_mac: dict[int, set[int]] = {}
    on_link, routed = set[int](), set[int]()
    for client, mac, hops in triples.tolist():
        if mac in claimed_by.get(client, ()):
            on_link.add(client)
            continue
        pristine = hops in INITIAL_TTLS
        if (mac in forwarding and client not in claimed_by) or not pristine:
            routed.add(client)
            by_mac.setdefault(mac, set()).add(client)
    routed -= on_link
    gateways = tuple(
        Gateway(mac, _owned(claimed, mac, own), _reason(len(through)))
        for mac, through in sorted(by_mac.items())
        if through & routed
    )
    return Access(
        frozenset(legs.addresses[number] for number in on_link),
        frozenset(legs.addresses[number] for number in routed),
        gateways,
    )


def by_number(
    addresses: tuple[Address, ...], claimed: Mapping[Address, Set[int]]
) -> dict[int, Set[int]]:
    """Return the claims for those of the addresses, which ascend, by their position."""
    found = {}
    for address, macs in claimed.items():
        at = bisect_left(addresses, by_value(address), key=by_value)
        if addresses[at : at + 1] == (address,):
            found[at] = macs
    return found


def _owned(
    claimed: dict[Address, set[int]], mac: int, clients: set[Address]
) -> tuple[Address, ...]:
    owners = (a for a, macs in claimed.items() if mac in macs and a not in clients)
    return tuple(sorted(owners, key=by_value))


def by_value(address: Address) -> tuple[int, int]:
    """Return the key that sorts addresses: IPv4 first, then by value."""
    return address.version, int(address)


def _reason(count: int) -> str:
    return f"{count} client {'address comes' if count == 1 else 'addresses come'} through this MAC"
