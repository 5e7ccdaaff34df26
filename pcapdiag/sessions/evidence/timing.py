"""Time: the balancer opens a back right after a front gave it reason to.

The gap between the front's trigger (handshake complete, or a request) and the back's SYN follows a
heavy-tailed law around the balancer's own delay; fronts that only happen to be near are spread evenly.
"""

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Ints
from pcapdiag.sessions.evidence import Floats, Scene

DELAY_NS: float = 400_000.0
"""Typical delay of a proxy between trigger and SYN: tenths of a millisecond."""
LARGEST: float = 7.0
SMALLEST: float = -5.0
"""A back that begins before its front, or after its end."""


def law(gap_ns: Floats, rate: float, delay_ns: float = DELAY_NS) -> Floats:
    """Return ln(density of this gap for a pair / density by coincidence) for gaps >= 0 ns."""
    density = 1.0 / (delay_ns * (1.0 + gap_ns / delay_ns) ** 2)
    weight: Floats = np.log(density / max(rate, 1e-12))
    return np.clip(weight, SMALLEST, LARGEST)


def gap_ns(scene: Scene, front: Ints, back: Ints) -> Floats:
    """Return nanoseconds from the front's last trigger before the back's first packet.

    Infinite where the front has none before it.
    """
    if not len(scene.trigger_leg):
        return np.full(len(front), np.inf)
    begin = scene.legs.column("first_ns")
    # Triggers ascend in time: how many had come says as much as when, and packs beside the front.
    before = np.searchsorted(scene.trigger_ns >> 10, begin >> 10, "right")
    order = keys.order(scene.trigger_leg)
    wanted = front << 32 | before[back]
    at = keys.places(scene.trigger_leg[order] << 32 | order, wanted) - 1
    found = np.where(at >= 0, order[np.maximum(at, 0)], 0)
    fits = (at >= 0) & (scene.trigger_leg[found] == front)
    gap = (begin[back] - scene.trigger_ns[found]).astype(np.float64)
    return np.where(fits, np.maximum(gap, 0.0), np.inf)


def weigh(scene: Scene, front: Ints, back: Ints) -> Floats:
    """Weigh the gap between trigger and SYN."""
    legs = scene.legs
    gap = gap_ns(scene, front, back)
    finite = np.where(np.isfinite(gap), gap, 1e15)
    weight = np.where(np.isfinite(gap), law(finite, scene.rate), SMALLEST)
    begun = legs.column("syn_ns")[back] >= 0
    weight = np.where(begun, weight, 0.0)
    late = legs.column("first_ns")[back] > legs.column("last_ns")[front] + 1_000_000
    return np.where(late, SMALLEST * 2, weight)
