"""An option of the back names the front's client, address and port (TOA).

Source: :mod:`pcapdiag.sessions.claimed`, which finds the front that is meant.
"""

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Ints
from pcapdiag.sessions.evidence import Floats, Scene

NAMED: float = 25.0
"""The balancer's own word: forty-eight bits that no accident brings, however late the back came."""
ANOTHER: float = -30.0
"""The balancer names another front: this back is not of that one."""


def weigh(scene: Scene, front: Ints, back: Ints) -> Floats:
    """Weigh whom the back names."""
    if not len(scene.named_back):
        return np.zeros(len(front))
    told = scene.named_back << 32 | scene.named_front
    same = keys.among(back << 32 | front, told)
    return np.where(same, NAMED, np.where(keys.among(back, scene.named_back), ANOTHER, 0.0))
