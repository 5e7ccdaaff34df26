"""Scanners try many end points in vain; users, monitors and everybody in an outage do not look like them."""

from typing import Any

import numpy as np
import pytest

from pcapdiag.flows.legs import legs_of
from pcapdiag.sessions import pair
from pcapdiag.settings import Settings
from pcapdiag.topology.scans import FEWEST, scans
from tests.sessions.table import MS, S, leg, traffic

SCANNER, USER, MONITOR, SERVICE = "203.0.113.66", "198.51.100.1", "198.51.100.2", "192.0.2.10"
SERVED: dict[str, Any] = {"bytes": [20, 200], "first_data_ns": [S, S + MS]}
REFUSED: dict[str, Any] = {"handshake": "refused"}

Call = tuple[str, int, dict[str, Any]]
"""Who calls which port, and what comes of it."""

USERS: list[Call] = [(USER, 80, SERVED), (MONITOR, 80, SERVED)]


def scan(ports: int, who: str = SCANNER, times: int = 1) -> list[Call]:
    return [(who, 1000 + port, REFUSED) for port in range(ports) for _ in range(times)]


def found(calls: list[Call]) -> list[bool]:
    """Return which calls are taken for those of scanners."""
    rows = [
        leg(f"{who}:{2000 + n}", f"{SERVICE}:{port}", S + n * MS, **columns)
        for n, (who, port, columns) in enumerate(calls)
    ]
    legs = legs_of(traffic(*rows).flows, 0)
    return [bool(each) for each in scans(legs, np.ones(len(legs), np.bool_))]


@pytest.mark.parametrize("ports", [FEWEST, 40])
def test_who_tries_many_ports_in_vain_scans_whatever_else_he_calls(ports: int) -> None:
    calls = [*USERS, *scan(ports), (SCANNER, 80, SERVED), (USER, 80, SERVED)]
    assert found(calls) == [who == SCANNER for who, _, _ in calls]


@pytest.mark.parametrize(
    "calls",
    [
        scan(FEWEST - 1),
        # Again and again: somebody wants to be served there.
        scan(FEWEST, times=3),
        # Others call there, too.
        scan(FEWEST) + scan(FEWEST, USER),
        # Most of what it calls serves it.
        [
            *scan(FEWEST),
            *((SCANNER, 5000 + n, SERVED) for n in range(FEWEST)),
        ],
    ],
    ids=["few ports", "often", "not alone", "mostly served"],
)
def test_who_is_no_scanner(calls: list[Call]) -> None:
    assert not any(found([*USERS, *calls]))


def test_in_an_outage_whoever_calls_many_services_looks_like_a_scanner() -> None:
    assert not any(found([(USER, 80, REFUSED), (MONITOR, 80, REFUSED), *scan(40)]))
    assert not any(found(scan(40)))
    (alone,) = found([(USER, 80, SERVED)])
    assert not alone


def test_scans_are_nobody_s_sessions_and_make_no_service() -> None:
    calls = [*USERS, *scan(20)]
    rows = [
        leg(f"{who}:{2000 + n}", f"{SERVICE}:{port}", S + n * MS, **columns)
        for n, (who, port, columns) in enumerate(calls)
    ]
    made = traffic(*rows)
    topology, sessions = pair(made, Settings())
    assert [made.flows["port"][one.front, 1] for one in sessions] == [80, 80]
    assert [role.port for role in topology.vips] == [80]
    assert len(topology.scans) == 20
