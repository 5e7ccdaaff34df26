"""MACs that are a mirror's and not the flow's: copies sent through a tunnel that carries no frames.

A mirror sends both directions of a connection the same way, from one station to one other; on the path
of a connection its directions go opposite ways.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def forget_mirrors(flows: NDArray[Any]) -> None:
    """Make the MACs of mirrored records unknown, in place; `flows` has the dtype FLOW.

    A record of one direction is mirrored when others came the same way and were.
    """
    inside = np.flatnonzero(flows["tunnel"] > 0)
    if not len(inside):
        return
    pairs: NDArray[np.int64] = flows["mac"][inside].astype(np.int64)
    known: NDArray[np.bool_] = np.all(pairs >= 0, axis=2)
    same_way = known.all(axis=1) & np.all(pairs[:, 0] == pairs[:, 1], axis=1)
    mirrors = np.unique(pairs[same_way, 0], axis=0)
    for source, destination in mirrors.tolist():
        way = (pairs[:, :, 0] == source) & (pairs[:, :, 1] == destination)
        mirrored = inside[(way | ~known).all(axis=1) & way.any(axis=1)]
        flows["mac"][mirrored] = -1
