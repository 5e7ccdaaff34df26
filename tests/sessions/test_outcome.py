"""Outcomes as the frames allow, on legs written by hand."""

from typing import Any

import numpy as np
import pytest

from pcapdiag.flows.legs import legs_of
from pcapdiag.sessions.model import OUTCOMES
from pcapdiag.sessions.outcome import PATIENCE_NS, Group, ends, failed_alone, outcomes
from tests.sessions.table import MS, S, leg, traffic

VIP, SERVER = "192.0.2.10:25", "192.0.2.30:25"


def judged(front: dict[str, Any], *backs: dict[str, Any], mode: str = "snat") -> str:
    """Return the outcome of one session, with ten seconds of capture after its first packet."""
    rows = [leg("198.51.100.1:1000", VIP, S, **front)]
    rows += [
        leg(f"192.0.2.2:{2000 + n}", SERVER, S + (n + 1) * MS, **back)
        for n, back in enumerate(backs)
    ]
    legs = legs_of(traffic(*rows).flows, 0)
    number = np.arange(1, len(rows))
    group = Group(front=np.array([0]), owner=number * 0, back=number)
    one_way = np.array([bool(backs) and mode == "dsr"])
    (code,) = outcomes(ends(legs, 11 * S), group, one_way, np.array([False]))
    return OUTCOMES[code]


SERVED: dict[str, Any] = {"bytes": [20, 200]}
ANSWERED: dict[str, Any] = {"syn_ack_count": 1}
ASKED: dict[str, Any] = {**ANSWERED, "bytes": [20, 0]}
CLOSED_BY_BALANCER: dict[str, Any] = {"fin_ns": [3 * S, 2 * S]}


@pytest.mark.parametrize(
    ("front", "backs", "expected"),
    [
        (SERVED, [SERVED], "ok"),
        ({}, [{"handshake": "refused"}], "failed"),
        ({}, [{"handshake": "unanswered", "syn_count": 3, "packets": [3, 0]}], "failed"),
        (SERVED, [{"handshake": "refused"}, SERVED], "degraded"),
        ({"handshake": "refused"}, [], "failed"),
        ({"handshake": "unanswered", "packets": [1, 0]}, [], "failed"),
        (CLOSED_BY_BALANCER, [], "failed"),
        ({"fin_ns": [2 * S, 3 * S]}, [], "undetermined"),
        (SERVED, [{**SERVED, "stuck_count": [0, 4]}], "failed"),
        ({**SERVED, "stuck_count": [0, 2]}, [SERVED], "ok"),
        ({"bytes": [20, 0], "resets": [0, 1]}, [{"bytes": [20, 0], "resets": [0, 1]}], "failed"),
        ({**ASKED, **CLOSED_BY_BALANCER}, [{}], "failed"),
        # Nobody is told to have been answered who got not a byte.
        ({**ANSWERED, **CLOSED_BY_BALANCER}, [{}], "undetermined"),
        (ANSWERED, [{}], "undetermined"),
        ({**ASKED, "fin_ns": [2 * S, 3 * S]}, [{}], "undetermined"),
        # The server would have had to speak first.
        (
            {**ANSWERED, **CLOSED_BY_BALANCER},
            [{"resets": [0, 1], "reset_ns": [-1, 2 * S]}],
            "failed",
        ),
        # Who asks for nothing and leaves came to look who listens.
        ({**ANSWERED, "fin_ns": [2 * S, 3 * S]}, [{}], "ok"),
    ],
)
def test_outcome(front: dict[str, Any], backs: list[dict[str, Any]], expected: str) -> None:
    assert judged(front, *backs) == expected


ERROR: dict[str, Any] = {**SERVED, "http_requests": 1, "http_replies": 1, "http_errors": 1}


def test_an_error_is_no_answer_whoever_sent_it() -> None:
    assert judged(ERROR) == judged(ERROR, SERVED) == judged(ERROR, ERROR) == "failed"
    assert judged({**SERVED, "http_replies": 1, "http_errors": 0}) == "ok"


def test_the_error_behind_an_encrypted_front_is_its_own() -> None:
    assert judged(SERVED, ERROR) == "failed"
    # Asked again elsewhere, the client got a good one.
    assert judged({**SERVED, "http_requests": 1, "http_replies": 1}, ERROR) == "ok"


def test_who_waited_long_for_the_handshake_was_served_badly() -> None:
    late = {**SERVED, "handshake_ns": 2 * S + PATIENCE_NS}
    assert judged(late) == judged(late, SERVED) == judged(SERVED, late) == "degraded"


def test_a_syn_at_the_captures_end_proves_nothing() -> None:
    late = {"handshake": "unanswered", "packets": [1, 0], "last_syn_ns": 11 * S - PATIENCE_NS + 1}
    assert judged({}, late) == "undetermined"
    assert judged(late) == "undetermined"
    assert judged(CLOSED_BY_BALANCER, late) == "failed"


def test_who_failed_without_a_back_is_told_leg_by_leg() -> None:
    rows = [
        leg("198.51.100.1:1000", VIP, S, **front)
        for front in ({"handshake": "refused"}, SERVED, CLOSED_BY_BALANCER, {})
    ]
    legs = legs_of(traffic(*rows).flows, 0)
    assert failed_alone(legs, 11 * S).tolist() == [True, False, True, False]


def test_direct_return_is_told_by_the_clients_acknowledgements() -> None:
    alive = {"highest_ack": [77, -1], "packets": [4, 0]}
    silent = {"handshake": "unanswered", "packets": [4, 0], "syn_count": 4}
    assert judged(alive, alive, mode="dsr") == "ok"
    assert judged(silent, silent, mode="dsr") == "failed"


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ({"handshake": "partial", "syn_ack_count": 1, "resets": [1, 0]}, "ok"),
        ({"handshake": "partial", "syn_ack_count": 0, "resets": [1, 0]}, "failed"),
        ({"handshake": "refused", "resets": [0, 1]}, "failed"),
        ({}, "ok"),
    ],
)
def test_a_health_check_is_passed_once_the_server_answered(
    end: dict[str, Any], expected: str
) -> None:
    legs = legs_of(traffic(leg("192.0.2.2:2000", SERVER, S, **end)).flows, 0)
    group = Group(front=np.array([-1]), owner=np.array([0]), back=np.array([0]))
    (code,) = outcomes(ends(legs, 11 * S), group, np.array([False]), np.array([True]))
    assert OUTCOMES[code] == expected


GREETED: dict[str, Any] = {"bytes": [0, 20], "first_data_ns": [-1, S + 30 * MS]}


def beside(waiting: dict[str, Any], *others: dict[str, Any], back: bool) -> str:
    """Return the outcome of a session beside others of its service, all with a back or none."""
    fronts = [{**ANSWERED, **waiting}, *others]
    rows = [leg(f"198.51.100.1:{1000 + n}", VIP, S, **front) for n, front in enumerate(fronts)]
    rows += [leg(f"192.0.2.2:{2000 + n}", SERVER, S + MS) for n in range(len(fronts)) if back]
    legs = legs_of(traffic(*rows).flows, 0)
    front = np.arange(len(fronts))
    number = np.arange(len(fronts), len(rows))
    group = Group(front=front, owner=number - len(fronts), back=number)
    never = np.zeros(len(fronts), np.bool_)
    return OUTCOMES[outcomes(ends(legs, 20 * S), group, never, never)[0]]


@pytest.mark.parametrize("back", [True, False])
def test_who_waited_in_vain_for_the_greeting_of_others_was_not_served(back: bool) -> None:
    left: dict[str, Any] = {"fin_ns": [S + PATIENCE_NS + MS, -1]}
    without = "ok" if back else "undetermined"
    assert beside(left, GREETED, GREETED, back=back) == "failed"
    assert beside(left, back=back) == without
    # It came to look, or whoever is served there speaks first.
    assert beside({"fin_ns": [2 * S, -1]}, GREETED, back=back) == without
    asks = {"bytes": [9, 20], "first_data_ns": [S + 20 * MS, S + 30 * MS]}
    assert beside(left, asks, asks, GREETED, back=back) == without


def test_a_greeting_that_comes_after_the_client_left_serves_nobody() -> None:
    late: dict[str, Any] = {
        "fin_ns": [5 * S, -1], "reset_ns": [6 * S, -1], "bytes": [0, 20], "first_data_ns": [-1, 6 * S],
    }  # fmt: skip
    assert beside(late, GREETED, GREETED, back=True) == "failed"
    # Who has only said that it will say no more still listens.
    assert beside({**late, "reset_ns": [-1, -1]}, GREETED, GREETED, back=True) == "ok"
