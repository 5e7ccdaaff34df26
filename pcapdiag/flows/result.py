"""What the one pass over the captures leaves behind."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.events import CLAIM
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
