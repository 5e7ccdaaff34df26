"""What the one pass over the captures leaves behind."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows import keys
from pcapdiag.flows.events import CLAIM
from pcapdiag.flows.keys import Ints
from pcapdiag.flows.table import FlowTable
from pcapdiag.read import Account, Interface


@dataclass(frozen=True)
class CaptureFacts:
    """One input after the pass."""

    name: str
    account: Account
    interfaces: tuple[Interface, ...]
    undecoded: dict[str, int]
    """Packets that hold no TCP we could reach, by reason: ``link type 105``, ``ethertype 0x88cc``,
    ``udp``, ``ipv4 truncated``, ``fragment``..."""


@dataclass(frozen=True)
class Traffic:
    """Flow table and event tables of one analysis."""

    flows: FlowTable
    """Whole records and hop records, in order of their first frame."""
    events: NDArray[Any]
    """1-d, dtype EVENT, in file and frame order."""
    neighbors: NDArray[Any]
    """1-d, dtype NEIGHBOR, in file and frame order."""
    icmp: NDArray[Any]
    """1-d, dtype ICMP, in file and frame order."""
    captures: tuple[CaptureFacts, ...]
    claims: NDArray[Any] = field(default_factory=lambda: np.empty(0, CLAIM))
    """1-d, dtype CLAIM, in file and frame order."""

    def events_of(self, record: int) -> Ints:
        """Return the positions in `events` of those of one record, ascending."""
        order, begins = self._by_record
        return order[begins[record] : begins[record + 1]]

    @cached_property
    def _by_record(self) -> tuple[Ints, Ints]:
        """Positions of the events ordered by record, and where those of each record begin."""
        record = np.ascontiguousarray(self.events["record"])
        order = keys.order(record)
        return order, np.searchsorted(record[order], np.arange(len(self.flows) + 1))
