"""Which end began, for connections whose SYN was not captured: by what other connections tell.

The kernel takes the sender of the first packet, or the end without a service port.  Afterwards the
whole capture is known: an end point that answered elsewhere, or that many connections share, is the
responder.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.records import PRIVILEGED
from pcapdiag.flows.table import COLUMNS

Bools = NDArray[np.bool_]

PER_DIRECTION: Final = tuple(
    column.name for column in COLUMNS if column.shape[:1] == (2,) and column.name != "outer"
)
"""Columns whose first axis is the direction, or initiator and responder."""


def reversed_flows(flows: NDArray[Any]) -> Bools:
    """Tell for each record whether its initiator is rather the responder.

    Only connections without a SYN whose ports tell nothing are turned; a connection's whole record
    and its hops are judged alike, having the same end points.
    """
    ports = flows["port"]
    doubtful: Bools = np.all(flows["isn"] < 0, axis=1)
    doubtful &= (ports[:, 0] < PRIVILEGED) == (ports[:, 1] < PRIVILEGED)
    if not doubtful.any():
        return doubtful
    words = flows["address"].astype(np.int64)
    version = np.repeat(flows["ip_version"].astype(np.int64), 2)
    ends = np.column_stack([version, words.reshape(-1, 4), ports.astype(np.int64).reshape(-1)])
    _, number = np.unique(ends, axis=0, return_inverse=True)
    number = number.reshape(-1, 2)
    size = int(number.max()) + 1
    whole = flows["hop"] < 0
    began = whole & (flows["isn"] >= 0).any(axis=1)
    answered = np.bincount(number[began, 1], minlength=size)[number]
    shared = np.bincount(number[whole].reshape(-1), minlength=size)[number]
    known = answered[:, 0] != answered[:, 1]
    turned: Bools = np.where(
        known, answered[:, 0] > answered[:, 1], (shared[:, 0] > 1) & (shared[:, 1] == 1)
    )
    turned &= doubtful
    return turned


def turn_round(flows: NDArray[Any], rows: Bools) -> None:
    """Exchange initiator and responder in some records, in place."""
    if rows.any():
        for name in PER_DIRECTION:
            flows[name][rows] = flows[name][rows][:, ::-1]
