"""Pairs that need no roles: hops of one flow, and legs that another machine sent on."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pcapdiag.flows.legs import Ints, legs_of
from pcapdiag.flows.table import TUNNELS, FlowTable
from pcapdiag.sessions import candidates, certain
from tests.sessions.table import MS, S, leg

VIP = "192.0.2.10:25"
CLIENT_MAC, BALANCER_MAC, SERVER_MAC = 0xA, 0xB, 0xC


def hops(answers: list[int], second_source: int = BALANCER_MAC) -> NDArray[Any]:
    """Return one whole record with two hops; `answers`: packets to the initiator on each."""
    rows = [leg("198.51.100.1:1000", VIP, S) for _ in range(3)]
    whole, first, second = rows
    whole["first_hop"], whole["hop"] = 1, -1
    first["mac"][0, 0] = [CLIENT_MAC, BALANCER_MAC]
    second["mac"][0, 0] = [second_source, SERVER_MAC]
    for number, row in enumerate((first, second)):
        row["hop"] = number
        row["packets"][0] = [3, answers[number]]
    flows = np.concatenate(rows)
    flows["whole"], flows["first_frame"] = 0, [1, 1, 2]
    return flows


@pytest.mark.parametrize(
    ("answers", "source", "pairs"),
    [([0, 0], BALANCER_MAC, 1), ([3, 3], BALANCER_MAC, 0), ([0, 0], CLIENT_MAC, 0)],
)
def test_direct_return_shows_one_direction_passed_on(
    answers: list[int], source: int, pairs: int
) -> None:
    front, back, passing = certain.two_hops(legs_of(FlowTable(hops(answers, source)), 0))
    assert len(front) == len(back) == pairs
    assert passing.tolist() == [False, not pairs]


def seeds(flows: NDArray[Any]) -> tuple[Ints, Ints]:
    legs = legs_of(FlowTable(flows), 0)
    nobody = np.empty(0, np.int64), np.empty(0, np.int64)
    isn = candidates.codes(legs.column("isn", 0))
    return certain.pairs(legs, isn, candidates.content_keys(legs), nobody)


def test_a_clients_second_connection_of_its_own_is_no_pair() -> None:
    one, two = leg("198.51.100.1:1000", VIP, S), leg("198.51.100.1:1001", "192.0.2.30:25", S + MS)
    for row in (one, two):
        row["mac"][0, 0] = [CLIENT_MAC, BALANCER_MAC]
    flows = np.concatenate([one, two])
    flows["first_frame"], flows["whole"] = [1, 2], [0, 1]
    assert not len(seeds(flows)[0])
    flows["mac"][1, 0] = [BALANCER_MAC, SERVER_MAC]
    assert len(seeds(flows)[0]) == 1


def test_direct_return_through_a_tunnel_needs_no_common_mac() -> None:
    flows = hops([0, 0], CLIENT_MAC)
    flows["tunnel"][2], flows["outer_version"][2] = TUNNELS.index("vxlan"), 4
    front, back, _ = certain.two_hops(legs_of(FlowTable(flows), 0))
    assert len(front) == len(back) == 1
