"""The mode of a session: how the balancer forwarded it (docs/design.md section 6).

Equal ISNs mean packet-by-packet forwarding, the client's address on the back means that it was kept.
The same flow on two hops was passed on untouched: in a frame to the server, or in a tunnel.
"""

import numpy as np

from pcapdiag.flows.legs import Ints, Legs
from pcapdiag.sessions.evidence import equal_isn
from pcapdiag.sessions.model import MODES

_SNAT, _TRANSPARENT, _DNAT, _FULL_NAT, _DSR, _TUNNEL, _UNKNOWN = map(
    MODES.index, ("snat", "transparent", "dnat", "full-nat", "dsr", "tunnel", "unknown")
)


def modes(legs: Legs, front: Ints, back: Ints) -> Ints:
    """Return an index into MODES for each pair of legs."""
    isn = legs.column("isn", 0)
    known = (isn[front] >= 0) & (isn[back] >= 0)
    forwarded = equal_isn.same(legs, front, back)
    kept = legs.source[front] == legs.source[back]
    # Without both SYNs, a changed client address still shows a proxy or full NAT: the common one.
    return np.where(
        forwarded,
        np.where(kept, _DNAT, _FULL_NAT),
        np.where(kept, np.where(known, _TRANSPARENT, _UNKNOWN), _SNAT),
    )


def modes_of_hops(legs: Legs, front: Ints, back: Ints) -> Ints:
    """Return an index into MODES for each pair of legs that are one flow on two hops."""
    return np.where(legs.entered(front, back), _TUNNEL, _DSR)
