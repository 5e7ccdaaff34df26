"""What legs say of the addresses they connect, before roles are known.

Pairs that are certain by themselves (equal ISN, the same flow on two hops, rare content, a kept client
address on another sender's frames) vote: the front's responder is a VIP, the back's a real server.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows import keys

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Votes:
    """How often an end point was the responder of a front and of a back."""

    endpoint: Ints
    """Distinct end points, ascending."""
    as_vip: Ints
    as_server: Ints

    def vips(self) -> Ints:
        """Return end points that were mostly the responder of fronts."""
        return self.endpoint[self.as_vip > self.as_server]

    def servers(self) -> Ints:
        """Return end points that were mostly the responder of backs."""
        return self.endpoint[self.as_server > self.as_vip]


def count(front_endpoint: Ints, back_endpoint: Ints) -> Votes:
    """Count the votes of certain pairs; both arrays have one entry a pair."""
    endpoint = keys.union(front_endpoint, back_endpoint)
    as_vip = np.bincount(np.searchsorted(endpoint, front_endpoint), minlength=len(endpoint))
    as_server = np.bincount(np.searchsorted(endpoint, back_endpoint), minlength=len(endpoint))
    return Votes(endpoint, as_vip.astype(np.int64), as_server.astype(np.int64))
