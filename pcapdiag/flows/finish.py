"""From the tables as the kernel left them to the tables that everyone else reads."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows import state
from pcapdiag.flows.mirror import forget_mirrors
from pcapdiag.flows.orientation import reversed_flows, turn_round
from pcapdiag.flows.result import CaptureFacts, Traffic
from pcapdiag.flows.state import Tables
from pcapdiag.flows.table import WHOLE


def finish(tables: Tables, captures: tuple[CaptureFacts, ...]) -> Traffic:
    """Bring records into the order of their first frame and let everything refer to that order."""
    used = tables.used
    flows = tables.flows[: used[state.FLOWS]]
    events = tables.events[: used[state.EVENTS]].copy()
    icmp = tables.icmp[: used[state.ICMP]].copy()
    claims = tables.claims[: used[state.CLAIMS]].copy()
    order = np.lexsort((flows["hop"], flows["flow"], flows["first_frame"], flows["file"]))
    # Connections that only ICMP errors spoke of.
    order = order[flows["packets"][order].any(axis=1)]
    place = np.full(len(flows) + 1, -1, np.int64)
    place[order] = np.arange(len(order))
    # Events from before the first copy were written for the whole record: they are hop 0's.
    owner = np.arange(len(flows) + 1)
    split = np.flatnonzero((flows["hop"] == WHOLE) & (flows["first_hop"] >= 0))
    owner[split] = flows["first_hop"][split]
    owner[-1] = -1
    # Without hops they lie in order already: nothing to copy.
    in_order = len(order) == len(flows) and bool((np.diff(order) > 0).all())
    sorted_flows = flows if in_order else flows[order]
    for column in ("first_hop", "next_hop", "whole"):
        sorted_flows[column] = _moved(place, sorted_flows[column])
    events["record"] = _moved(place, owner[events["record"]])
    icmp["record"] = _moved(place, icmp["record"])
    claims["record"] = _moved(place, owner[claims["record"]])
    forget_mirrors(sorted_flows)
    turned = reversed_flows(sorted_flows)
    turn_round(sorted_flows, turned)
    for table in (events, icmp, claims):
        rows = (table["record"] >= 0) & turned[table["record"]] if len(turned) else []
        table["direction"][rows] = 1 - table["direction"][rows]
    return Traffic(
        flows=sorted_flows,
        events=events,
        neighbors=tables.neighbors[: used[state.NEIGHBORS]].copy(),
        icmp=icmp,
        captures=captures,
        claims=claims,
    )


def _moved(place: NDArray[np.int64], records: NDArray[Any]) -> NDArray[np.int64]:
    """Return where records are now; -1 stays -1."""
    moved: NDArray[np.int64] = place[records.astype(np.int64)]
    return moved
