"""All files of an analysis: what is a session, and what is not."""

from typing import Any

from pcapdiag.sessions import pair
from pcapdiag.settings import Settings
from tests.sessions.table import MS, S, leg, traffic

VIP, BALANCER, SERVER = "192.0.2.10:25", "192.0.2.2", "192.0.2.30:25"


def told(own: str, port: int = 25) -> tuple[list[str | None], list[bool]]:
    """Return whom each session without a client calls, and which are health checks.

    Four sessions are paired; the balancer calls `own` three times by the clock, in vain.
    """
    rows = []
    for number in range(4):
        begin = S + number * 300 * MS
        same: dict[str, Any] = {"prefix_length": [30, 40], "prefix_end": [1000 + number, 7]}
        same |= {"bytes": [30, 40]}
        front = leg(f"198.51.100.{number + 1}:{10000 + number}", VIP, begin, **same)
        back = leg(f"{BALANCER}:{20000 + number}", SERVER, begin + 200_000, **same)
        front["link_direction"], back["link_direction"] = [0, 4], [4, 0]
        rows += [front, back]
    for number in range(3):
        call = leg(
            f"{BALANCER}:{30000 + number}", f"{own}:{port}", S + number * S + 50 * MS,
            handshake="unanswered", syn_count=3,
        )  # fmt: skip
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
