"""Equal initial sequence numbers: the mark of packet-by-packet forwarding (DNAT, full NAT).

Source: Linux netfilter and IPVS rewrite addresses only; RFC 6528 makes ISNs unguessable, so that two
unrelated connections share one once in 2**32.
"""

import numpy as np

from pcapdiag.flows.legs import Bools, Ints, Legs
from pcapdiag.sessions.evidence import Floats, Scene

SAME: float = 14.0
"""Equal ISN (and equal timestamp where both have one): about ln(2**32) less what odd generators cost."""

DIFFERENT: float = 0.0
"""Says nothing: a proxy opens its own connection."""

WITHIN_NS = 5_000_000_000
"""Forwarding takes microseconds; a SYN seen only at its repetition comes seconds later."""


def same(legs: Legs, front: Ints, back: Ints) -> Bools:
    """Return which pairs carry one initiator ISN on both legs."""
    isn = legs.column("isn", 0)
    stamp = legs.column("timestamp", 0)
    near = np.abs(legs.column("syn_ns")[front] - legs.column("syn_ns")[back]) < WITHIN_NS
    stamps = (stamp[front] == stamp[back]) | (stamp[front] < 0) | (stamp[back] < 0)
    equal: Bools = (isn[front] >= 0) & (isn[front] == isn[back]) & near & stamps
    return equal


def weigh(scene: Scene, front: Ints, back: Ints) -> Floats:
    """Weigh equal initiator ISNs."""
    return np.where(same(scene.legs, front, back), SAME, DIFFERENT)
