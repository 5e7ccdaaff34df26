"""The client's own address on the back leg: transparent forwarding or DNAT.

A back from the balancer's own address may serve anybody; one from a client's address serves that client.
"""

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Ints
from pcapdiag.sessions.evidence import Floats, Scene

SAME_ADDRESS: float = 5.0
SAME_PORT: float = 5.0
"""More, when the port is kept too (HAProxy ``usesrc client``, NetScaler ``useproxyport OFF``, NAT)."""
OTHER_CLIENT: float = -30.0
"""The address of another client: this back is not of that front."""


def weigh(scene: Scene, front: Ints, back: Ints) -> Floats:
    """Weigh whose address the back leg carries."""
    legs = scene.legs
    kept = legs.source[front] == legs.source[back]
    port = legs.column("port", 0)
    own = keys.among(legs.source, scene.self_addresses)[back]
    clients = keys.distinct(legs.source[scene.fronts])
    other = ~kept & ~own & keys.among(legs.source, clients)[back]
    weight = np.where(kept & ~own, SAME_ADDRESS, 0.0)
    weight += np.where((port[front] == port[back]), SAME_PORT, 0.0)
    return np.where(other, OTHER_CLIENT, weight)
