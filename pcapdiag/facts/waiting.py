"""Connections that a service took and left without a word while another SYN got no answer: a full queue.

The machine completes handshakes by itself; those that the service does not take up fill its accept queue,
and then SYNs are dropped.  Source: RFC 9293 3.9.1.1 (OPEN), listen(2).
"""

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.flows.table import HANDSHAKES, FlowTable


def waiting_beside(flows: FlowTable, which: Bools) -> Ints:
    """Return for each unanswered SYN how many of these connections waited at its first SYN; -1: answered.

    They have the same two ends, were taken before, and were not over; not one got a byte of answer.
    """
    found = np.full(len(flows), -1, np.int64)
    asks = (flows["handshake"] == HANDSHAKES.index("unanswered")) & (flows["syn_ns"] >= 0)
    taken = which & (flows["handshake_ns"] >= 0) & ~flows.served
    found[asks] = 0
    if not asks.any() or not taken.any():
        return found
    place = keys.numbers(
        flows["file"],
        flows["ip_version"],
        *flows["address"].astype(np.int64).reshape(-1, 8).T,
        flows["port"][:, 1],
    )
    # A scan calls a million services: only those that took somebody matter.
    asking = np.flatnonzero(asks & keys.among(place, place[taken]))
    holding = np.flatnonzero(taken & keys.among(place, place[asking]))
    over = _over(flows)[holding]
    time = np.concatenate([flows["handshake_ns"][holding], over, flows["syn_ns"][asking]])
    step = np.repeat([1, -1, 0], [len(holding), len(holding), len(asking)])
    where = np.concatenate([place[holding], place[holding], place[asking]])
    order = np.lexsort((time, where))
    held = np.cumsum(step[order])
    # All that were taken at one place are over there: the next place begins at 0 again.
    at = np.empty(len(order), np.int64)
    at[order] = held
    found[asking] = at[2 * len(holding) :]
    return found


def _over(flows: FlowTable) -> Ints:
    """Return when each connection saw its first FIN or RST; as late as can be where it saw none."""
    far = np.iinfo(np.int64).max
    ends = np.column_stack([flows["fin_ns"], flows["reset_ns"]]).astype(np.int64)
    found: Ints = np.where(ends >= 0, ends, far).min(axis=1)
    return found
