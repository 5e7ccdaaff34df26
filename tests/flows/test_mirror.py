"""Which MACs are a mirror's: those of tunnelled records whose directions went the same way."""

from typing import Final

import numpy as np
import pytest

from pcapdiag.flows.mirror import forget_mirrors
from pcapdiag.flows.table import FLOW, TUNNELS

GRE: Final = TUNNELS.index("gre")
MIRROR, BACK, NONE = [1, 2], [2, 1], [-1, -1]


@pytest.mark.parametrize(
    ("records", "forgotten"),
    [
        ([(GRE, MIRROR, MIRROR)], [True]),
        ([(GRE, MIRROR, BACK)], [False]),  # the path itself
        ([(0, MIRROR, MIRROR)], [False]),  # no tunnel
        ([(GRE, MIRROR, NONE)], [False]),  # nobody knows
        ([(GRE, MIRROR, MIRROR), (GRE, MIRROR, NONE), (GRE, NONE, MIRROR)], [True] * 3),
        ([(GRE, MIRROR, MIRROR), (0, MIRROR, NONE), (GRE, [1, 3], NONE)], [True, False, False]),
        ([(GRE, NONE, NONE)], [True]),  # unknown before and after
        ([], []),
    ],
)
def test_macs_of_mirrors_are_forgotten(
    records: list[tuple[int, list[int], list[int]]], forgotten: list[bool]
) -> None:
    flows = np.zeros(len(records), FLOW)
    for row, (tunnel, to_responder, to_initiator) in zip(flows, records, strict=True):
        row["tunnel"], row["mac"] = tunnel, [to_responder, to_initiator]
    before = flows.copy()
    forget_mirrors(flows)
    assert (flows["mac"] == -1).all(axis=(1, 2)).tolist() == forgotten
    flows["mac"] = before["mac"]
    assert (flows == before).all()
