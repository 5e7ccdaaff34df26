"""Equal stream lengths: as many bytes went on as came in, in each direction."""

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Ints
from pcapdiag.sessions.evidence import Floats, Scene

LARGEST: float = 5.0


def weigh(scene: Scene, front: Ints, back: Ints) -> Floats:
    """Weigh equal payload byte counts, by how rare the pair of counts is among the fronts.

    Retransmitted bytes are in the counts: only undisturbed legs are compared.
    """
    legs = scene.legs
    out, home = legs.column("bytes", 0), legs.column("bytes", 1)
    repeats = legs.column("retransmissions", 0) + legs.column("retransmissions", 1)
    key = out << 32 | home
    equal = (key[front] == key[back]) & (key[front] > 0)
    equal &= (repeats[front] <= 0) & (repeats[back] <= 0)
    number = keys.numbers(key[scene.fronts])
    alike = np.ones(len(legs), np.int64)
    alike[scene.fronts] = np.bincount(number)[number]
    weight: Floats = np.log((len(scene.fronts) + 3.0) / alike[front])
    return np.where(equal, np.clip(weight, 0.3, LARGEST), 0.0)
