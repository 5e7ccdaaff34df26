"""The mode of a session: how the balancer forwarded it (docs/design.md section 6).

Equal ISNs mean packet-by-packet forwarding, the client's address on the back means that it was kept.
"""

import numpy as np

from pcapdiag.flows.legs import Ints, Legs
from pcapdiag.sessions.evidence import equal_isn


def modes(legs: Legs, front: Ints, back: Ints) -> list[str]:
    """Return one of MODES for each pair of legs."""
    isn = legs.column("isn", 0)
    known = (isn[front] >= 0) & (isn[back] >= 0)
    forwarded = equal_isn.same(legs, front, back)
    kept = legs.source[front] == legs.source[back]
    # Without both SYNs, a changed client address still shows a proxy or full NAT: the common one.
    words = np.where(
        forwarded,
        np.where(kept, "dnat", "full-nat"),
        np.where(kept, np.where(known, "transparent", "unknown"), "snat"),
    )
    return [str(word) for word in words]
