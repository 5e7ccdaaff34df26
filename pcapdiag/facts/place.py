"""Whether a capture was taken at the server that is called in it, as far as its frames tell.

A switch hands unicast frames to their station only (IEEE 802.1D 7.7): at the server frames between it
and others than its caller pass, at the caller frames between that one and others.  A filter on the
server's address may leave neither; then the two places look the same.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.legs import Bools
from pcapdiag.flows.result import Traffic

RECEIVED: Final = 0
"""Link direction of what came to the capturing host (LINKTYPE_LINUX_SLL packet type 0)."""
GROUP: Final = 1 << 40
"""Set in MAC addresses of groups."""

YES, NO, UNKNOWN = 1, 0, -1


def at_server(traffic: Traffic, points: Mapping[str, str], record: int) -> int:
    """Return YES, NO or UNKNOWN for the capture of a call; `points` are what the user says of captures."""
    flows = traffic.flows
    file = int(flows["file"][record])
    point = points.get(traffic.captures[file].name, "")
    if point:
        return YES if point == "server" else NO
    mine = flows["file"] == file
    if flows["link_direction"][record, 0] == RECEIVED:
        # A router receives, too, and sends on: its flows have two hops.
        return NO if (flows["first_hop"][mine] >= 0).any() else YES
    caller, server = flows["mac"][record, 0].tolist()
    if caller < 0 or server < 0:
        return UNKNOWN
    neighbors = traffic.neighbors[traffic.neighbors["file"] == file]
    ends = np.concatenate([flows["mac"][mine].reshape(-1, 2), neighbors["mac"]])
    ends = ends[((ends >= 0) & (ends & GROUP == 0)).all(axis=1)]
    beside = _between(ends, server, caller).any()
    beyond = _between(ends, caller, server).any()
    if beside == beyond:  # both: a mirror port, from which any place may be seen
        return UNKNOWN
    return YES if beside else NO


def _between(ends: NDArray[Any], station: int, other: int) -> Bools:
    """Return which frames are a station's with anybody but one other."""
    found: Bools = (ends == station).any(axis=1) & (ends != other).all(axis=1)
    return found
