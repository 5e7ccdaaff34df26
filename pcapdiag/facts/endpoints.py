"""Addresses with a port: the rows of `server` and `vip`."""

from dataclasses import dataclass

import numpy as np

from pcapdiag.facts.addresses import AddressBook
from pcapdiag.facts.backs import Backs
from pcapdiag.facts.fronts import Fronts
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.topology.model import Topology


@dataclass(frozen=True)
class Endpoints:
    """Addresses with a port, sorted; the rows of `server` or `vip`."""

    address: Ints
    port: Ints

    def find(self, address: Ints, port: Ints) -> Ints:
        """Return for each pair its position here; -1: not among them."""
        keys, wanted = self.address << 17 | (self.port + 1), address << 17 | (port + 1)
        if not len(keys):
            return np.full(len(wanted), -1, np.int64)
        at = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
        return np.where((keys[at] == wanted) & (address >= 0), at, -1).astype(np.int64)


def endpoints(rows: set[tuple[int, int]]) -> Endpoints:
    """Return the pairs of address number and port, sorted."""
    ordered = np.array(sorted(rows), np.int64).reshape(-1, 2)
    return Endpoints(ordered[:, 0].copy(), ordered[:, 1].copy())


def services(fronts: Fronts) -> Endpoints:
    """Return the virtual services that fronts call."""
    seen = fronts.vip >= 0
    return endpoints({*zip(fronts.vip[seen].tolist(), fronts.port[seen].tolist(), strict=True)})


def real_servers(topology: Topology, book: AddressBook, backs: Backs) -> Endpoints:
    """Return every real server: those of the topology, and those that took backs."""
    rows = {
        (book.number(role.address), role.port if role.port is not None else -1)
        for role in topology.servers
    }
    rows |= {*zip(backs.server.tolist(), backs.port.tolist(), strict=True)}
    # A server named without a port is not one more server beside its ports.
    with_port = {number for number, port in rows if port >= 0}
    return endpoints(
        {(n, port) for n, port in rows if n >= 0 and (port >= 0 or n not in with_port)}
    )


def tally(at: Ints, chosen: Bools, count: int) -> Ints:
    """Count the chosen entries at each of `count` positions; an entry at -1 counts nowhere."""
    found: Ints = np.bincount(at[chosen & (at >= 0)], minlength=count).astype(np.int64)
    return found
