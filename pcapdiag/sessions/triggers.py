"""When a front gave the balancer reason to open a back: handshake complete, or a request begun.

A proxy in TCP mode opens the back right after the handshake, one in HTTP mode after the request, one
that ends TLS after the request inside (a later turn).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows import keys
from pcapdiag.flows.events import EVENT_KINDS
from pcapdiag.flows.legs import Ints, Legs

TURN = EVENT_KINDS.index("turn")
DATA = EVENT_KINDS.index("data")


def triggers(legs: Legs, fronts: Ints, events: NDArray[Any], records: int) -> tuple[Ints, Ints]:
    """Return the times of the triggers, ascending, and the front (position in `legs`) of each.

    `records` is the length of the flow table, to which events refer.
    """
    leg_of = np.full(records + 1, -1, np.int64)
    leg_of[legs.record[fronts]] = fronts
    spoken = np.flatnonzero(
        ((events["kind"] == TURN) | (events["kind"] == DATA)) & (events["direction"] == 0)
    )
    leg = leg_of[events["record"][spoken]]
    times = [events["time_ns"][spoken[leg >= 0]]]
    owners = [leg[leg >= 0]]
    for column in ("syn_ns", "handshake_ns"):
        when = legs.column(column)[fronts]
        times.append(when[when >= 0])
        owners.append(fronts[when >= 0])
    time, owner = np.concatenate(times), np.concatenate(owners)
    order = keys.order(time)
    return time[order], owner[order]
