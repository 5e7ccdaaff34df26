"""Health checks keep a beat; clients do not."""

from typing import Any

import numpy as np
import pytest

from pcapdiag.flows.legs import Bools, legs_of
from pcapdiag.topology.health import LARGEST_BYTES, health_checks, of_a_pool, pool_checks
from tests.sessions.table import MS, S, leg, traffic

BALANCER, SERVER = "192.0.2.2", "192.0.2.30:25"


def checked(starts: list[int]) -> Bools:
    rows = [leg(f"{BALANCER}:{2000 + n}", SERVER, S + start) for n, start in enumerate(starts)]
    legs = legs_of(traffic(*rows).flows, 0)
    backs = np.ones(len(legs), np.bool_)
    return health_checks(legs, backs, np.unique(legs.source))


@pytest.mark.parametrize("beat", [300 * MS, 2 * S, 10 * S])
def test_what_keeps_a_beat_is_a_health_check(beat: int) -> None:
    assert checked([n * beat + (n % 3) * MS for n in range(6)]).all()


def test_a_missed_beat_does_not_hide_them() -> None:
    assert checked([0, 2 * S, 4 * S, 8 * S, 10 * S]).all()


def test_uneven_sessions_are_none() -> None:
    assert not checked([0, 300 * MS, 410 * MS, 2 * S, 2300 * MS]).any()


def beside_clients(clients: list[int], own: list[int]) -> Bools:
    """Return which of the balancer's flows are checks, where clients' handshakes end at certain times."""
    rows = [
        leg(f"198.51.100.{n % 250}:{9000 + n}", f"{BALANCER}:25", S + ready - 20_000)
        for n, ready in enumerate(clients)
    ]
    rows += [leg(f"{BALANCER}:{2000 + n}", SERVER, S + start) for n, start in enumerate(own)]
    legs = legs_of(traffic(*rows).flows, 0)
    mine = legs.flow["port"][:, 0] < 9000
    return health_checks(legs, mine, np.unique(legs.source[mine]))[mine]


def test_clients_by_the_clock_make_no_checks_of_the_balancers_attempts_for_them() -> None:
    clients = [n * 3 * S for n in range(6)]
    assert not beside_clients(clients, [ready + MS for ready in clients]).any()


def test_checks_that_come_a_second_after_clients_are_checks() -> None:
    clients = [n * 3 * S for n in range(6)]
    assert beside_clients(clients, [ready + S for ready in clients]).all()


def test_checks_between_many_clients_follow_some_of_them_by_accident() -> None:
    clients = [n * 4 * MS for n in range(100)]
    assert beside_clients(clients, [n * 60 * MS + MS for n in range(6)]).all()


def test_two_flows_make_no_beat() -> None:
    assert not checked([0, 2 * S]).any()


def pool(*columns: dict[str, Any]) -> list[bool]:
    """Return which are checks, of one flow to a server for each of the columns, and a client's flow."""
    rows = [
        leg(f"{BALANCER}:{2000 + n}", f"192.0.2.{30 + n}:25", S + n * MS, **each)
        for n, each in enumerate(columns)
    ]
    legs = legs_of(traffic(*rows, leg("198.51.100.1:1000", "192.0.2.10:25", S + S)).flows, 0)
    sent = np.array([True] * len(rows) + [False])
    found: list[bool] = pool_checks(legs, sent, ~sent).tolist()
    return found


CHECK = {"bytes": [0, 20]}


def test_a_pool_is_asked_in_dialogues_of_one_shape() -> None:
    assert pool(CHECK, CHECK) == [True, True, False]


@pytest.mark.parametrize(
    "columns",
    [
        [CHECK],
        [CHECK, {"bytes": [0, 21]}],
        [CHECK, {"handshake": "refused", "bytes": [0, 20]}],
        [{"bytes": [0, LARGEST_BYTES + 1]}] * 2,
    ],
    ids=["one alone", "another length", "another end", "too much"],
)
def test_other_flows_of_one_host_are_no_pool_s(columns: list[dict[str, Any]]) -> None:
    assert not any(pool(*columns))


@pytest.mark.parametrize(
    ("called", "columns", "ports", "kept"),
    [
        (["203.0.113.9:443"] * 3, {"bytes": [9, 9]}, [25], False),
        (["203.0.113.9:443"] * 3, {"bytes": [9, 9]}, [443], True),
        (["203.0.113.8:443", "203.0.113.9:443"], {"bytes": [9, 9]}, [25], True),
        (["203.0.113.9:443"], {"bytes": [0, 0], "syn_ack_count": 1}, [25], True),
        (["203.0.113.9:443"] * 3, {"handshake": "unanswered", "bytes": [0, 0]}, [25], False),
    ],
    ids=["own", "called by others", "several", "without a word", "own, in vain"],
)
def test_a_pool_has_clients_or_servers_or_is_asked_without_a_word(
    called: list[str], columns: dict[str, Any], ports: list[int], kept: bool
) -> None:
    rows = [leg(f"{BALANCER}:{2000 + n}", to, S + n * S, **columns) for n, to in enumerate(called)]
    legs = legs_of(traffic(*rows).flows, 0)
    found = of_a_pool(legs, np.ones(len(legs), np.bool_), np.array(ports))
    assert found.tolist() == [kept] * len(rows)
