"""The flow table as legs: one row for each place where a flow may serve as front or back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows import keys
from pcapdiag.flows.table import WHOLE, FlowTable

Address = IPv4Address | IPv6Address

Ints = keys.Ints
Bools = keys.Bools


@dataclass(frozen=True)
class Legs:
    """Legs of one file, in order of their first frame; all arrays have one entry a leg."""

    record: Ints
    """Record of the flow table."""
    flow: FlowTable
    """That record."""
    source: Ints
    """Initiator's address as a number: index into `addresses`."""
    destination: Ints
    """Responder's address, likewise."""
    endpoint: Ints
    """Responder's address and port as one number, equal only for equal end points."""
    icmp_errors: Ints
    """ICMP errors that quote the leg's flow, at whichever hop."""
    addresses: tuple[Address, ...]
    _columns: dict[tuple[str, int | None], Ints] = field(default_factory=dict, repr=False)
    """Columns asked for so far."""

    def __len__(self) -> int:
        return len(self.record)

    def column(self, name: str, direction: int | None = None) -> Ints:
        """A column of the flow table, int64, not to be written to; -1 unknown."""
        if (name, direction) not in self._columns:
            values = self.flow[name] if direction is None else self.flow[name][:, direction]
            column: Ints = np.ascontiguousarray(values, np.int64)
            column.flags.writeable = False
            self._columns[name, direction] = column
        return self._columns[name, direction]

    @cached_property
    def source_mac(self) -> Ints:
        """MAC that packets to the responder came from; -1 unknown."""
        mac: Ints = self.flow["mac"][:, 0, 0].astype(np.int64)
        return mac

    @cached_property
    def destination_mac(self) -> Ints:
        """MAC that packets to the responder went to; -1 unknown."""
        mac: Ints = self.flow["mac"][:, 0, 1].astype(np.int64)
        return mac

    @cached_property
    def sent_by_host(self) -> Ints:
        """1: the capturing host sent the initiator's packets, 0: it received them, -1: unknown."""
        to_responder = self.column("link_direction", 0)
        to_initiator = self.column("link_direction", 1)
        sent = (to_responder == 4) | ((to_responder == -1) & (to_initiator == 0))
        received = (to_responder == 0) | ((to_responder == -1) & (to_initiator == 4))
        return np.where(sent, 1, np.where(received, 0, -1)).astype(np.int64)

    def entered(self, first: Ints, second: Ints) -> Bools:
        """Tell for pairs of legs whether the second is in a tunnel that the first is not in."""
        tunnel, outer = self.column("tunnel"), self.flow["outer"]
        other = (tunnel[first] != tunnel[second]) | (outer[first] != outer[second]).any(axis=(1, 2))
        entered: Bools = (tunnel[second] > 0) & other
        return entered


def address_of(words: Sequence[int] | NDArray[Any], ip_version: int) -> Address:
    """Return the address held in four 32-bit words (IPv4: in the first)."""
    if ip_version == 4:
        return IPv4Address(int(words[0]))
    number = 0
    for word in words:
        number = number << 32 | int(word)
    return IPv6Address(number)


def legs_of(flows: FlowTable, file: int) -> Legs:
    """Return the legs of one file: every hop, and every whole record without hops."""
    whole = flows["hop"] == WHOLE
    chosen = np.flatnonzero((flows["file"] == file) & (~whole | (flows["first_hop"] < 0)))
    chosen = chosen[keys.order(flows["first_frame"][chosen])]
    # Where every record is a leg, the table itself serves.
    all_are = np.array_equal(chosen, np.arange(len(flows)))
    flow = flows if all_are else FlowTable(flows.records[chosen])
    return _legs(flows, chosen, flow)


def legs_by_time(flows: FlowTable) -> Legs:
    """Return the first legs of all files as if they were one file, their first frames counted by time."""
    chosen = np.flatnonzero((flows["hop"] == 0) | (flows["first_hop"] < 0))
    chosen = chosen[keys.order(flows["first_ns"][chosen])]
    records = flows.records[chosen]
    records["first_frame"] = np.arange(len(records))
    return _legs(flows, chosen, FlowTable(records))


def _legs(flows: FlowTable, chosen: Ints, flow: FlowTable) -> Legs:
    number, addresses = _numbered(flow)
    return Legs(
        record=chosen.astype(np.int64),
        flow=flow,
        source=number[:, 0],
        destination=number[:, 1],
        endpoint=number[:, 1] << 16 | (flow["port"][:, 1].astype(np.int64) & 0xFFFF),
        icmp_errors=flows["icmp_errors"][flow["whole"]].astype(np.int64),
        addresses=addresses,
    )


def _numbered(flow: FlowTable) -> tuple[Ints, tuple[Address, ...]]:
    """Return each record's two addresses as numbers, and the addresses those stand for, ascending."""
    version = np.repeat(flow["ip_version"].astype(np.int64), 2)
    words = flow["address"].astype(np.int64).reshape(-1, 4)
    # IPv4 has nothing in the other words, so there they need not be sorted.
    used = 4 if (version == 6).any() else 1
    columns = version << 32 | words[:, 0], *words[:, 1:used].T
    first = keys.firsts(*columns)
    addresses = tuple(
        address_of(some, kind)
        for some, kind in zip(words[first].tolist(), version[first].tolist(), strict=True)
    )
    return keys.numbers(*columns).reshape(-1, 2), addresses
