"""Relay: what arrives on one leg leaves on the other right after, and both end together."""

import numpy as np

from pcapdiag.flows.legs import Ints, Legs
from pcapdiag.sessions.evidence import Floats, Scene
from pcapdiag.sessions.evidence.timing import law

DATA_LARGEST: float = 4.0
CLOSE_LARGEST: float = 4.0
IMPOSSIBLE: float = -4.0
"""Data that left before it arrived.  Not -inf: PROXY headers and queued packets bend the order."""

SLACK_NS = 200_000
"""Two packets this close may have been written to the file in either order."""


def weigh_data(scene: Scene, front: Ints, back: Ints) -> Floats:
    """Weigh the delay of the first bytes in each direction."""
    legs = scene.legs
    first = legs.flow["first_data_ns"].astype(np.int64)
    ready = legs.column("handshake_ns")
    weight = np.zeros(len(front))
    # Toward the server: once both the bytes and the back connection are there.
    arrived = np.maximum(first[front, 0], ready[back])
    weight += _hop(first[front, 0], arrived, first[back, 0], scene.rate)
    # Toward the client: a balancer may hold a banner back, so only a short delay speaks.
    weight += _hop(first[back, 1], first[back, 1], first[front, 1], scene.rate)
    return weight


def _hop(known: Ints, arrived: Ints, left: Ints, rate: float) -> Floats:
    both = (known >= 0) & (left >= 0)
    delay = (left - arrived).astype(np.float64)
    weight = np.clip(law(np.maximum(delay, 0.0), rate), 0.0, DATA_LARGEST)
    return np.where(both, np.where(delay < -SLACK_NS, IMPOSSIBLE, weight), 0.0)


def _ends(legs: Legs, direction: int) -> Ints:
    """Return when this direction ended: FIN or RST, whichever came first; -1 not seen."""
    fin, reset = legs.column("fin_ns", direction), legs.column("reset_ns", direction)
    return np.where(fin < 0, reset, np.where(reset < 0, fin, np.minimum(fin, reset)))


def weigh_close(scene: Scene, front: Ints, back: Ints) -> Floats:
    """Weigh ends that follow each other: in the same direction, or a failed back then the front."""
    legs = scene.legs
    weight = np.zeros(len(front))
    for one, other in ((0, 0), (1, 1), (1, 0), (0, 1)):
        here, there = _ends(legs, one)[front], _ends(legs, other)[back]
        both = (here >= 0) & (there >= 0)
        apart = np.abs(here - there).astype(np.float64)
        near = np.clip(law(apart, scene.rate), 0.0, CLOSE_LARGEST)
        weight = np.maximum(weight, np.where(both, near, 0.0))
    return weight
