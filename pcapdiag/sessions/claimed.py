"""Pairs that the balancer tells itself: an option of the back names the front's client (TOA).

Source: :mod:`pcapdiag.payload.toa`.  Only address and port together name a connection, and only if it
is in the capture: whoever else uses such an option names no front by chance.
"""

from collections import defaultdict

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Address, Ints, Legs
from pcapdiag.flows.result import Traffic
from pcapdiag.payload.toa import claims_of

MOST = 100_000
"""Flows whose options are read."""


def claimed_pairs(traffic: Traffic, file: int, legs: Legs) -> tuple[Ints, Ints]:
    """Return (front, back), positions in `legs`: the back's options name the front's client.

    Of several fronts with that address and port the latest that had begun is meant.
    """
    claims = traffic.claims
    mine = claims[(claims["file"] == file) & (claims["direction"] == 0)]
    # Options that are repeated until the server acknowledges them say the same.
    mine = mine[np.unique(mine["record"], return_index=True)[1][:MOST]]
    if not len(mine):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    fronts = _named(legs, {end for row in mine for end in _clients(row)})
    place = np.full(len(traffic.flows), -1, np.int64)
    place[legs.record] = np.arange(len(legs))
    frame, whole = legs.column("first_frame"), legs.column("whole")
    pairs = dict[int, int]()
    for row in mine:
        back = int(place[row["record"]])
        for client in _clients(row):
            fitting = [
                front
                for front in fronts.get(client, ())
                if back >= 0 and whole[front] != whole[back] and frame[front] < frame[back]
            ]
            if fitting:
                pairs[back] = max(fitting, key=lambda front: int(frame[front]))
    return np.array([*pairs.values()], np.int64), np.array([*pairs], np.int64)


def _clients(row: np.void) -> set[tuple[Address, int]]:
    """Return the end points that an option names."""
    return {
        (claim.client, claim.client_port)
        for claim in claims_of(row)
        if claim.client is not None and claim.client_port > 0
    }


def _named(legs: Legs, clients: set[tuple[Address, int]]) -> dict[tuple[Address, int], list[int]]:
    """Return the legs that come from each of these end points."""
    ports = np.array(sorted({port for _, port in clients}), np.int64)
    port = legs.flow["port"][:, 0].astype(np.int64)
    found = defaultdict[tuple[Address, int], list[int]](list)
    for leg in np.flatnonzero(keys.among(port, ports) & (legs.column("hop") <= 0)).tolist():
        end = legs.addresses[int(legs.source[leg])], int(port[leg])
        if end in clients:
            found[end].append(leg)
    return found
