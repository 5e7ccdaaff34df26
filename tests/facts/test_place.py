"""Where a capture was taken: at the server called in it, elsewhere, or nobody can tell."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pcapdiag.facts.place import NO, UNKNOWN, YES, at_server
from pcapdiag.flows.events import NEIGHBOR
from tests.sessions.table import S, leg, traffic

CALLER, SERVER, ROUTER, OTHER = 0x173, 0x74, 0x1, 0x75
ALL_STATIONS = 0xFFFF_FFFF_FFFF
CALL: dict[str, Any] = {"mac": [[CALLER, SERVER], [SERVER, CALLER]]}


def found(*macs: tuple[int, int], point: str = "", first_hop: int = -1, **call: Any) -> int:
    """Return what is told of a call beside which frames between these stations were captured."""
    rows = [leg("192.0.2.173:1000", "192.0.2.74:25", S, **(CALL | call))]
    rows += [
        leg("192.0.2.9:1000", "192.0.2.8:25", S, mac=[list(pair), [-1, -1]], first_hop=first_hop)
        for pair in macs
    ]
    captured = traffic(*rows)
    points = {captured.captures[0].name: point} if point else {}
    return at_server(captured, points, 0)


@pytest.mark.parametrize(
    ("macs", "expected"),
    [
        ([], UNKNOWN),
        ([(ROUTER, SERVER)], YES),
        ([(SERVER, ROUTER)], YES),
        ([(CALLER, OTHER)], NO),
        ([(CALLER, OTHER), (SERVER, ROUTER)], UNKNOWN),
        ([(SERVER, ALL_STATIONS), (CALLER, ALL_STATIONS)], UNKNOWN),
        ([(ROUTER, OTHER), (-1, SERVER)], UNKNOWN),
    ],
)
def test_frames_with_others_tell_the_place(macs: list[tuple[int, int]], expected: int) -> None:
    assert found(*macs) == expected


@pytest.mark.parametrize(("point", "expected"), [("server", YES), ("balancer", NO), ("router", NO)])
def test_the_user_knows_best(point: str, expected: int) -> None:
    assert found((CALLER, OTHER), (SERVER, ROUTER), point=point) == expected


def test_a_host_that_receives_is_the_server_unless_it_sends_on() -> None:
    assert found(link_direction=[0, 4]) == YES
    assert found((CALLER, OTHER), link_direction=[0, 4], first_hop=1) == NO


def test_without_macs_nothing_is_told() -> None:
    assert found((SERVER, ROUTER), mac=[[-1, -1], [-1, -1]]) == UNKNOWN


def test_an_answer_in_arp_is_a_frame_too() -> None:
    answer = np.zeros(1, NEIGHBOR)
    answer["mac"] = [[ROUTER, SERVER]]
    captured = traffic(leg("192.0.2.173:1000", "192.0.2.74:25", S, **CALL))
    assert at_server(replace(captured, neighbors=answer), {}, 0) == YES
