"""Connections that a service left waiting while another SYN got no answer."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pcapdiag.facts.waiting import waiting_beside
from pcapdiag.flows.table import FlowTable
from tests.sessions.table import S, leg

SERVICE, OTHER = "192.0.2.75:25", "192.0.2.76:25"


def taken(
    start: int, over: int = -1, to: str = SERVICE, by: str = "192.0.2.173", **columns: Any
) -> NDArray[Any]:
    return leg(f"{by}:{start}", to, start * S, fin_ns=[over * S if over > 0 else -1, -1], **columns)


def silent(start: int, to: str = SERVICE) -> NDArray[Any]:
    return leg(f"192.0.2.173:{start}", to, start * S, handshake="unanswered")


def counted(*rows: NDArray[Any]) -> list[int]:
    flows = FlowTable(np.concatenate(rows))
    found: list[int] = waiting_beside(flows, np.ones(len(flows), np.bool_)).tolist()
    return found


def test_those_taken_before_and_still_open_wait() -> None:
    assert counted(taken(1), taken(2, 9), silent(5), taken(7), silent(10)) == [-1, -1, 2, -1, 2]


@pytest.mark.parametrize(
    "row",
    [
        taken(1, 3),  # it was over
        taken(1, to=OTHER),
        taken(1, by="192.0.2.174"),  # a filter may tell two callers apart
        taken(1, bytes=[0, 20]),  # it was answered
        taken(8),
    ],
)
def test_others_do_not_wait_there(row: NDArray[Any]) -> None:
    assert counted(row, silent(5))[1] == 0


def test_services_are_counted_apart() -> None:
    rows = taken(1), taken(1, to=OTHER), taken(2, to=OTHER), silent(5), silent(5, OTHER)
    assert counted(*rows) == [-1, -1, -1, 1, 2]


def test_where_nobody_is_left_without_an_answer_nothing_is_counted() -> None:
    assert counted(taken(1), taken(2)) == [-1, -1]
    assert counted(silent(1)) == [0]
