"""What a capture of one side tells of a service: who calls it, its share, who gives up."""

from typing import Any

import pytest

from tests.rules.story import (
    BALANCER,
    MACS,
    PORT,
    REMOTE,
    ROUTER,
    SERVED,
    SERVER,
    SILENT,
    Story,
    back,
)
from tests.sessions.table import MS

ALONE: dict[str, Any] = {"mode": "none", "outcome": "failed"}
TO_SERVER = f"{SERVER}:{PORT}"
BY_BALANCER: dict[str, Any] = {"mac": [[MACS[BALANCER], MACS[SERVER]], [-1, -1]]}


def facts(story: Story, *columns: str) -> tuple[Any, ...]:
    rows = story.tables().query(f"select {', '.join(columns)} from vip order by address, port").rows
    return tuple(rows[0])


def at_the_server(own: int, others: int) -> Story:
    story = Story(one_side=True).claims(BALANCER, MACS[BALANCER])
    for _ in range(own):
        story.session(BALANCER, vip=TO_SERVER, mode="none", **SERVED, **BY_BALANCER)
    for number in range(others):
        story.session(f"198.51.100.{number}", vip=TO_SERVER, **ALONE, **SILENT, **BY_BALANCER)
    return story.wait(10)


def test_a_station_that_calls_and_passes_calls_on_is_a_balancer_before_a_server() -> None:
    found = facts(
        at_the_server(2, 3), "caller", "caller_answered", "passed_on", "passed_on_answered"
    )
    assert found == (BALANCER, 2, 3, 0)
    frames = facts(at_the_server(2, 3), "caller_file", "caller_syn_frame", "caller_syn_ack_frame")
    assert frames == ("story.pcap", 1, 2)


def test_the_place_of_the_capture_is_told_apart_from_who_calls() -> None:
    assert facts(at_the_server(2, 3), "at_server") == (None,)
    story = at_the_server(2, 3)
    story.session(
        REMOTE,
        vip=TO_SERVER,
        mode="none",
        **SERVED,
        mac=[[MACS[ROUTER], MACS[SERVER]], [MACS[SERVER], MACS[ROUTER]]],
    )
    assert facts(story, "at_server") == (True,)


@pytest.mark.parametrize(("own", "others"), [(2, 0), (0, 2)])
def test_without_both_kinds_of_calls_nobody_is_known(own: int, others: int) -> None:
    assert facts(at_the_server(own, others), "caller", "passed_on") == (None, None)


def test_a_client_that_claims_its_address_is_on_link_and_not_passed_on() -> None:
    story = at_the_server(1, 0).claims(REMOTE, 0x99)
    story.session(REMOTE, vip=TO_SERVER, **ALONE, **SILENT, **BY_BALANCER)
    assert facts(story, "caller") == (None,)


def test_where_backs_were_captured_nobody_is_asked_for() -> None:
    story = Story().claims(BALANCER, MACS[BALANCER])
    for client in (BALANCER, REMOTE):
        story.session(client, back(), **SERVED, **BY_BALANCER)
    assert facts(story, "caller", "caller_answered") == (None, None)


def test_share_is_of_all_captured_fronts() -> None:
    story = Story(one_side=True)
    for number in range(4):
        story.session(REMOTE, vip=f"203.0.113.{min(number, 1)}:80", mode="none", **SERVED)
    assert facts(story, "share") == (0.25,)


def gives_up(*waits_ms: int, **columns: Any) -> Story:
    story = Story(one_side=True)
    for wait in waits_ms:
        fin = {"fins": [0, 1], "fin_ns": [-1, story.clock + wait * MS]}
        story.session(REMOTE, **(ALONE | fin | columns), life_ns=wait * MS)
    return story


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (gives_up(9_000, 9_001, 9_002), (3, 3, 9_000_980_000)),
        (gives_up(3_000, 9_000, 30_000), (3, 1, 8_999_980_000)),
        (gives_up(200, 300), (0, 0, None)),
        (gives_up(9_000, bytes=[0, 20]), (0, 0, None)),
        (gives_up(9_000, handshake="unanswered"), (0, 0, None)),
    ],
)
def test_who_gives_up_by_the_clock(story: Story, expected: tuple[int, int, int]) -> None:
    assert facts(story, "given_up", "given_up_even", "given_up_ns") == expected


def test_the_client_that_closes_first_was_not_let_down() -> None:
    story = Story(one_side=True)
    fin: dict[str, Any] = {
        "fins": [1, 1],
        "fin_ns": [story.clock + 8_000 * MS, story.clock + 9_000 * MS],
    }
    assert facts(story.session(REMOTE, **ALONE, **fin), "given_up") == (0,)


def called(*waits: float, clients: int = 1) -> Story:
    """Calls of a closed port, these many seconds apart."""
    story = Story(one_side=True)
    for number, wait in enumerate(waits):
        story.session(f"198.51.100.{number % clients}", vip=TO_SERVER, **ALONE, handshake="refused")
        story.wait(wait)
    return story


@pytest.mark.parametrize(
    ("story", "checker"),
    [
        (called(2, 2, 2.1, 2), "198.51.100.0"),
        (called(2, 2, 2.1, 2, clients=2), None),
        (called(2, 1, 3, 2), None),
        (called(2, 2), None),  # two calls have no beat
    ],
)
def test_one_client_that_calls_by_the_clock_is_named(story: Story, checker: str | None) -> None:
    assert facts(story, "checker") == (checker,)
