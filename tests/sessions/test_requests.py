"""Requests over reused connections, on turns written by hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pcapdiag.flows import keys
from pcapdiag.flows.events import EVENT
from pcapdiag.flows.legs import legs_of
from pcapdiag.payload.http1 import Request
from pcapdiag.sessions.evidence import Scene
from pcapdiag.sessions.requests import carry, reused
from pcapdiag.sessions.triggers import TURN
from tests.sessions.table import MS, S, leg, traffic

FRONTS, BACKS = 4, 2


def scene() -> tuple[Scene, int]:
    """Four fronts of four clients, two backs that live longer."""
    rows = [
        leg(f"198.51.100.{n + 1}:{1000 + n}", "192.0.2.10:80", S + n, bytes=[9, 9], turns=[2, 2])
        for n in range(FRONTS)
    ]
    rows += [
        leg(f"192.0.2.2:{2000 + n}", "192.0.2.30:80", S + MS + n, bytes=[9, 9], turns=[4, 4])
        for n in range(BACKS)
    ]
    flows = traffic(*rows).flows
    legs = legs_of(flows, 0)
    none = np.empty(0, np.int64)
    places = np.arange(len(legs))
    return Scene(legs, places[:FRONTS], places[FRONTS:], none, none, none, 1e-9), len(flows)


def turn(record: int, time_ns: int, frame: int) -> NDArray[Any]:
    event = np.zeros(1, EVENT)
    event["kind"], event["record"], event["time_ns"], event["frame"] = TURN, record, time_ns, frame
    return event


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(st.integers(0, FRONTS - 1), st.integers(0, BACKS - 1)), min_size=1, max_size=8
    )
)
def test_each_request_finds_the_back_that_carried_it(carried: list[tuple[int, int]]) -> None:
    stage, records = scene()
    events, said = [], {}
    for number, (front, back) in enumerate(carried):
        at = 2 * S + number * 20 * MS
        line = f"GET /{number} HTTP/1.1".encode()
        client = f"198.51.100.{front + 1}"
        events += [turn(front, at, 2 * number), turn(FRONTS + back, at + 300_000, 2 * number + 1)]
        said[2 * number], said[2 * number + 1] = Request(line, ""), Request(line, client)

    def read(wanted: NDArray[Any]) -> Sequence[Request | None]:
        return [said[int(frame)] for frame in wanted["frame"]]

    everyone = np.ones(records, np.bool_)
    found = carry(stage, np.concatenate(events), records, read, everyone)
    got = {
        (int(f), int(b) - FRONTS): int(n)
        for f, b, n in zip(found.front, found.back, found.requests, strict=True)
    }
    expected: dict[tuple[int, int], int] = {}
    for pair in carried:
        expected[pair] = expected.get(pair, 0) + 1
    assert got == expected


def test_reuse_shows_in_answered_fronts_without_a_back() -> None:
    stage, _ = scene()
    two = np.array([0, 1]), np.array([FRONTS, FRONTS + 1])
    nobody = np.zeros(len(stage.legs), np.bool_)
    assert reused(stage, *two, nobody)
    none = np.empty(0, np.int64)
    lonely = Scene(stage.legs, stage.fronts, none, none, none, none, 1e-9)
    assert not reused(lonely, none, none, nobody)


@pytest.mark.parametrize(
    ("asked", "taken", "checks", "expected"),
    [
        (2, (1, 1), [], True),
        (1, (1, 1), [], False),
        (2, (2, 0), [], False),
        (2, (1, 1), [2], False),
    ],
    ids=["dealt out", "a back of nobody", "all in one", "a health check"],
)
def test_requests_dealt_out_show_in_backs_of_nobody(
    asked: int, taken: tuple[int, int], checks: list[int], expected: bool
) -> None:
    rows = [leg("198.51.100.1:1000", "192.0.2.10:80", S, turns=[asked, asked])]
    rows += [
        leg(f"192.0.2.2:{2000 + n}", f"192.0.2.{30 + n}:80", S + (n + 1) * MS, turns=[each, each])
        for n, each in enumerate(taken)
    ]
    none = np.empty(0, np.int64)
    legs = legs_of(traffic(*rows).flows, 0)
    stage = Scene(legs, np.array([0]), np.array([1, 2]), none, none, none, 1e-9)
    mask = keys.among(np.arange(3), np.array(checks, np.int64))
    assert reused(stage, np.array([0]), np.array([1]), mask) == expected
