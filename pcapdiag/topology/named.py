"""Roles that the user named, as numbers of the legs at hand."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Address, Bools, Ints, Legs
from pcapdiag.settings import Endpoint


def addresses_named(numbers: Ints, addresses: Sequence[Address], named: Sequence[str]) -> Bools:
    """Return which address numbers lie in one of the named addresses or networks.

    Raises ValueError when a name is neither.
    """
    networks = [ip_network(name, strict=False) for name in named]
    if not networks:
        return np.zeros(len(numbers), np.bool_)
    inside = [any(a in network for network in networks) for a in addresses]
    return np.array(inside, np.bool_)[numbers] if len(numbers) else np.zeros(0, np.bool_)


def endpoints_named(legs: Legs, named: Sequence[Endpoint]) -> Ints:
    """Return the responders' end points that the user called VIPs."""
    chosen = np.zeros(len(legs), np.bool_)
    port = legs.flow["port"][:, 1]
    for vip in named:
        address = ip_address(vip.address)
        number = [n for n, a in enumerate(legs.addresses) if a == address]
        here = keys.among(legs.destination, number)
        chosen |= here if vip.port is None else here & (port == vip.port)
    return keys.distinct(legs.endpoint[chosen])
