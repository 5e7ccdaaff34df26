"""Fronts that got no server: who was asked for in vain, and whose answer came past the balancer."""

from typing import Any

import pytest

from tests.rules.story import (
    BALANCER,
    LOCAL,
    OTHER_SERVER,
    REMOTE,
    SERVED,
    SERVER,
    Story,
    back,
    shift,
)
from tests.sessions.table import MS, S, leg

ALONE: dict[str, Any] = {"mode": "none", "outcome": "failed"}
NAMES = "unresolved, unresolved_frame is not null, unresolved_requests"


def asked(story: Story, names: str) -> list[tuple[Any, ...]]:
    return story.tables().query(f"select {names} from session order by id").rows


def test_a_server_that_the_balancer_asks_for_in_vain() -> None:
    story = Story().session(REMOTE, **ALONE).asks(BALANCER, SERVER, 5 * MS).wait(3)
    assert asked(story, NAMES) == [(SERVER, True, 1)]


def test_a_virtual_address_that_is_missing_is_no_server() -> None:
    story = Story().session(REMOTE, vip="192.0.2.180:25", **ALONE)
    story.asks(BALANCER, "192.0.2.180", 5 * MS).wait(3)
    assert asked(story, NAMES) == [(None, False, None)]


@pytest.mark.parametrize("late", [3 * S, 60 * S])
def test_a_question_long_after_the_front_is_not_for_it(late: int) -> None:
    story = Story().session(REMOTE, **ALONE).asks(BALANCER, SERVER, late).wait(99)
    assert asked(story, NAMES) == [(None, False, None)]


def test_a_server_that_answers_or_speaks_is_there() -> None:
    claims = Story().session(REMOTE, **ALONE).asks(BALANCER, SERVER, 5 * MS)
    assert asked(claims.claims(SERVER, 0x74), NAMES) == [(None, False, None)]
    speaks = Story().session(REMOTE, back(), **SERVED).session(REMOTE, **ALONE)
    assert asked(speaks.asks(BALANCER, SERVER, 5 * MS), NAMES)[1] == (None, False, None)


def test_only_the_balancer_asks_for_servers() -> None:
    story = Story().session(REMOTE, **ALONE).asks(OTHER_SERVER, SERVER, 5 * MS)
    assert asked(story, NAMES) == [(None, False, None)]


def test_only_a_session_that_failed_lacks_a_server() -> None:
    story = Story().session(REMOTE, mode="none", outcome="ok").asks(BALANCER, SERVER, 5 * MS)
    assert asked(story, NAMES) == [(None, False, None)]


def answer(client: str, source: str = SERVER, caller: str = REMOTE, **front: Any) -> Story:
    """A client's call that no server serves, and a SYN-ACK from elsewhere that it refuses."""
    story = Story().session(caller, **{"bytes": [0, 0], **ALONE, **front})
    row = leg(f"{client}:7", f"{source}:25", S + MS, handshake="partial", bytes=[0, 0])
    row["syn_count"], row["syn_ns"], row["resets"][0, 0] = 0, -1, 1
    row["syn_ack_ns"], row["syn_ack_count"] = row["first_ns"], 1
    story.legs.append(row)
    return story


def test_an_answer_from_whom_the_client_never_called() -> None:
    assert asked(answer(REMOTE), "unasked_server, unasked_frame is not null") == [(SERVER, True)]


@pytest.mark.parametrize(
    ("client", "mac", "usual", "claimed", "direct"),
    [
        (LOCAL, 0x74, 0x173, True, 1),
        (REMOTE, 0x1, 0x1, True, 0),
        # Nobody claims the server's address: a MAC of its own in the client's network will do.
        (LOCAL, 0x74, 0x173, False, 1),
        (LOCAL, 0x1, 0x1, False, 0),
        (REMOTE, 0x74, 0x1, False, 0),
        (REMOTE, 0x74, 0x1, True, 0),
        (LOCAL, -1, 0x173, True, None),
    ],
)
def test_an_answer_with_the_servers_own_mac_came_directly(
    client: str, mac: int, usual: int, claimed: bool, direct: int | None
) -> None:
    story = answer(client, caller=client, mac=[[-1, -1], [usual, -1]])
    story.legs[-1]["mac"][0, 1, 0] = mac
    if claimed:
        story.claims(SERVER, 0x74)
    assert asked(story, "unasked_direct::int") == [(direct,)]


@pytest.mark.parametrize("story", [answer("198.51.100.99"), answer(REMOTE, BALANCER)])
def test_an_answer_for_others_or_from_whom_it_called_is_none(story: Story) -> None:
    assert asked(story, "unasked_server, unasked_frame") == [(None, None)]


@pytest.mark.parametrize(
    ("first_data_ns", "server"),
    [(S + 60 * MS, SERVER), (S, None), (-1, None)],  # after the SYN-ACK, before it, not captured
)
def test_the_balancers_own_reply_comes_after_an_answer_that_passed_it_by(
    first_data_ns: int, server: str | None
) -> None:
    story = answer(REMOTE, bytes=[80, 200], first_data_ns=[S, first_data_ns])
    assert asked(story, "unasked_server") == [(server,)]


def delayed(by_ns: int, **front: Any) -> Story:
    """A session whose back comes this long after its handshake; someone is asked for in vain meanwhile."""
    found = back()
    story = Story().session(REMOTE, found, **SERVED, **front)
    shift(found, S + by_ns)
    return story.asks(BALANCER, OTHER_SERVER, 5 * MS - by_ns, times=2).wait(9)


@pytest.mark.parametrize(
    ("story", "found"),
    [
        (delayed(2 * S), [(OTHER_SERVER, 2, 2 * S - 20_000)]),
        (delayed(20 * MS), [(None, None, 20 * MS - 20_000)]),
        # The client took its time to ask, the balancer none to answer.
        (delayed(2 * S, first_data_ns=[3 * S - MS, 4 * S]), [(None, None, MS)]),
    ],
)
def test_a_session_that_waits_for_its_back_tells_who_was_asked_for(
    story: Story, found: list[tuple[Any, ...]]
) -> None:
    assert asked(story, "unresolved, unresolved_requests, back_after_ns") == found
