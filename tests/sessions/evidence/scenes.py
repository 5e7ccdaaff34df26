"""Two fronts and two backs on which each kind of evidence is weighed."""

from typing import Any

import numpy as np

from pcapdiag.flows.legs import legs_of
from pcapdiag.sessions.evidence import Scene
from tests.sessions.table import MS, S, leg, traffic

VIP, SERVER, BALANCER = "192.0.2.10:25", "192.0.2.30:25", "192.0.2.2"
RIGHT, WRONG = (0, 1), (0, 3)
"""Pairs of positions: front 0 belongs to back 1; 3 is the back of front 2."""


def scene(
    first_front: dict[str, Any],
    first_back: dict[str, Any],
    second_back: dict[str, Any],
    source: str = BALANCER,
) -> Scene:
    """Front 0, its back 1, front 2, its back 3, in order of time."""
    rows = [
        leg("198.51.100.1:1000", VIP, S, **first_front),
        leg(f"{source}:2000", SERVER, S + MS, **first_back),
        leg("198.51.100.2:1001", VIP, S + 500 * MS),
        leg(f"{BALANCER}:2001", SERVER, S + 501 * MS, **second_back),
    ]
    legs = legs_of(traffic(*rows).flows, 0)
    own = np.array([n for n, a in enumerate(legs.addresses) if str(a) == BALANCER], np.int64)
    ready = np.array([S + 20_000, S + 500 * MS + 20_000], np.int64)
    fronts, backs = np.array([0, 2]), np.array([1, 3])
    return Scene(legs, fronts, backs, own, ready, np.array([0, 2]), 2e-9)


def weighed(weigh: Any, stage: Scene) -> tuple[float, float]:
    """Return the weights of the right and the wrong pair for front 0."""
    right, wrong = weigh(stage, np.array([0, 0]), np.array([1, 3]))
    return float(right), float(wrong)
