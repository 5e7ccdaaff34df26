"""All files of an analysis: what is a session, and what is not."""

from dataclasses import replace
from typing import Any

import numpy as np

from pcapdiag.sessions import pair
from pcapdiag.settings import Settings
from tests.sessions.table import MS, S, leg, traffic

VIP, BALANCER, SERVER = "192.0.2.10:25", "192.0.2.2", "192.0.2.30:25"


def told(own: str, port: int = 25, calls: int = 3, **columns: Any) -> tuple[list[str], list[bool]]:
    """Return whom each session without a client calls, and which are health checks.

    Four sessions are paired; the balancer calls `own` by the clock, in vain; many calls keep no beat.
    """
    columns = columns or {"handshake": "unanswered", "syn_count": 3}
    rows = []
    for number in range(4):
        begin = S + number * 300 * MS
        same: dict[str, Any] = {"prefix_length": [30, 40], "prefix_end": [1000 + number, 7]}
        same |= {"bytes": [30, 40]}
        front = leg(f"198.51.100.{number + 1}:{10000 + number}", VIP, begin, **same)
        back = leg(f"{BALANCER}:{20000 + number}", SERVER, begin + 200_000, **same)
        front["link_direction"], back["link_direction"] = [0, 4], [4, 0]
        rows += [front, back]
    for number in range(calls):
        begin = S + (number if calls == 3 else number**2) * S + 50 * MS
        call = leg(f"{BALANCER}:{30000 + number}", f"{own}:{port}", begin, **columns)
        call["link_direction"] = [4, 0]
        rows.append(call)
    made = traffic(*rows)
    _, sessions = pair(made, Settings())
    assert sum(one.front >= 0 for one in sessions) == 4
    alone = [one for one in sessions if one.front < 0]
    ports = made.flows["port"][:, 1]
    return [str(ports[one.backs[0].record]) for one in alone], [one.health_check for one in alone]


def test_what_the_balancer_calls_far_away_is_its_own_affair() -> None:
    assert told("203.0.113.9", 443) == ([], [])


def test_a_server_beside_the_others_is_checked() -> None:
    assert told("192.0.2.31", 443) == (["443"] * 3, [True] * 3)
    assert told("203.0.113.9") == (["25"] * 3, [True] * 3)


def test_who_only_looks_whether_somebody_listens_checks() -> None:
    looked: dict[str, Any] = {"handshake": "partial", "syn_ack_count": 1, "resets": [1, 0]}
    assert told("192.0.2.30", 25, 9, **looked) == (["25"] * 9, [True] * 9)
    # One that the server refuses is no look.
    refused: dict[str, Any] = {**looked, "resets": [0, 1]}
    assert not any(told("192.0.2.30", 25, 9, **refused)[1])


def seen_twice(
    clients: tuple[str, str], isn: tuple[tuple[int, int], tuple[int, int]], called: str = VIP
) -> list[tuple[int, int]]:
    """Return (file, backs) of each session of a balancer's capture and one before a router.

    `clients` and `isn` are those of the front as the two captures have it.
    """
    rows = []
    for number in range(3):
        begin = S + number * 300 * MS
        same: dict[str, Any] = {"prefix_length": [30, 40], "prefix_end": [1000 + number, 7]}
        same |= {"bytes": [30, 40]}
        address, _, port = clients[0].rpartition(":")
        front = leg(f"{address}:{int(port) + number}", VIP, begin, **same)
        back = leg(f"{BALANCER}:{20000 + number}", SERVER, begin + 200_000, **same)
        front["link_direction"], back["link_direction"] = [0, 4], [4, 0]
        front["isn"], back["isn"] = np.array(isn[0]) + 10 * number, [1, 2 + number]
        address, _, port = clients[1].rpartition(":")
        before = leg(f"{address}:{int(port) + number}", called, begin + 7 * S, **same)
        before["file"], before["isn"] = 1, np.array(isn[1]) + 10 * number
        rows += [front, back, before]
    made = traffic(*rows)
    (capture,) = made.captures
    _, sessions = pair(replace(made, captures=(capture, replace(capture, name="x"))), Settings())
    files = made.flows["file"]
    return [(int(files[one.front]), len(one.backs)) for one in sessions]


ONCE, TWICE = [(0, 1)] * 3, [(0, 1)] * 3 + [(1, 0)] * 3
NATED = ("198.51.100.9:10000", "10.0.0.9:40000")


def test_a_connection_is_one_session_however_many_captures_show_it() -> None:
    same = ("198.51.100.9:10000", "198.51.100.9:10000")
    assert seen_twice(same, ((100, 200), (100, 200))) == ONCE
    assert seen_twice(same, ((100, 200), (100, -1))) == ONCE
    assert seen_twice(same, ((100, 200), (101, 200))) == TWICE


def test_a_router_that_changes_the_client_s_address_makes_no_other_session() -> None:
    assert seen_twice(NATED, ((100, 200), (100, 200))) == ONCE
    # One number may be equal by chance, and so may two of other services.
    assert seen_twice(NATED, ((100, 200), (100, 201))) == TWICE
    assert seen_twice(NATED, ((100, 200), (100, -1))) == TWICE
    assert seen_twice(NATED, ((100, 200), (100, 200)), "192.0.2.11:25") == TWICE
