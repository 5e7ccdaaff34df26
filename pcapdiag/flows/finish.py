"""From the tables as the kernel left them to the tables that everyone else reads."""

import numpy as np

from pcapdiag.flows import keys, state
from pcapdiag.flows.mirror import forget_mirrors
from pcapdiag.flows.orientation import reversed_flows, turn_round
from pcapdiag.flows.result import CaptureFacts, Traffic
from pcapdiag.flows.state import Tables
from pcapdiag.flows.table import WHOLE, FlowTable


def finish(tables: Tables, captures: tuple[CaptureFacts, ...]) -> Traffic:
    """Bring records into the order of their first frame and let everything refer to that order."""
    used = tables.used
    flows = tables.flows[: used[state.FLOWS]]
    events = tables.events[: used[state.EVENTS]]
    icmp = tables.icmp[: used[state.ICMP]]
    claims = tables.claims[: used[state.CLAIMS]]
    order = keys.order(*(flows[name] for name in ("file", "first_frame", "flow", "hop")))
    # Connections that only ICMP errors spoke of.
    order = order[flows["packets"][order].any(axis=1)]
    # The entry behind the last, which -1 finds too, is that of what belongs to no record.
    place = np.full(len(flows) + 1, -1, np.int64)
    place[order] = np.arange(len(order))
    # Events from before the first copy were written for the whole record: they are hop 0's.
    owner = np.arange(len(flows) + 1)
    split = np.flatnonzero((flows["hop"] == WHOLE) & (flows["first_hop"] >= 0))
    owner[split] = flows["first_hop"][split]
    owner[-1] = -1
    # Without hops they lie in order already, and nothing moves.
    if len(split) or not np.array_equal(order, np.arange(len(flows))):
        flows = flows[order]
        for column in ("first_hop", "next_hop", "whole"):
            flows[column] = place[flows[column]]
        events["record"] = place[owner[events["record"]]]
        icmp["record"] = place[icmp["record"]]
        claims["record"] = place[owner[claims["record"]]]
    forget_mirrors(flows)
    turned = reversed_flows(flows)
    turn_round(flows, turned)
    for table in (events, icmp, claims) if turned.any() else ():
        rows = (table["record"] >= 0) & turned[table["record"]]
        table["direction"][rows] = 1 - table["direction"][rows]
    return Traffic(
        flows=FlowTable(flows),
        events=events,
        neighbors=tables.neighbors[: used[state.NEIGHBORS]],
        icmp=icmp,
        captures=captures,
        claims=claims,
    )
