"""Pairs that need no roles: legs that another machine sent on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.legs import Ints, legs_of
from pcapdiag.flows.table import FlowTable
from pcapdiag.sessions import candidates, certain
from tests.sessions.table import MS, S, leg

VIP = "192.0.2.10:25"
CLIENT_MAC, BALANCER_MAC, SERVER_MAC = 0xA, 0xB, 0xC


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
