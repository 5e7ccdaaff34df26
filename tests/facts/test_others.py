"""Connections of others: which of them failed, and for whom."""

from typing import Any

import pytest

from tests.rules.story import (
    BALANCER,
    LOCAL,
    PORT,
    REFUSED,
    REMOTE,
    SERVED,
    SERVER,
    SILENT,
    VIP,
    Story,
    back,
)
from tests.sessions.table import MS, S

ELSEWHERE = "203.0.113.5:443"


def found(story: Story) -> tuple[Any, ...]:
    columns = "others, others_failed, others_frame, others_client, others_address, others_port"
    (row,) = story.tables().query(f"select {columns} from capture").rows
    return row


def served() -> Story:
    return Story().session(LOCAL, back(), **SERVED)


def test_sessions_are_not_apart() -> None:
    assert found(served()) == (0, 0, None, None, None, None)


@pytest.mark.parametrize(
    ("failed", "columns"),
    [
        (1, REFUSED),
        (1, SILENT | {"syn_count": 3}),
        (0, SILENT | {"syn_count": 1}),
        (0, SILENT | {"syn_count": 3, "highest_ack": [700, -1]}),
        (0, SERVED),
        (0, {}),
        (1, {"fin_ns": [-1, 5 * S], "life_ns": 5 * S}),
        (1, {"fin_ns": [-1, S + 150 * MS], "bytes": [10, 0]}),
        (0, {"fin_ns": [S + 150 * MS, S + 160 * MS], "bytes": [10, 0]}),
    ],
)
def test_what_fails(failed: int, columns: dict[str, Any]) -> None:
    row = found(served().apart(REMOTE, ELSEWHERE, **columns))
    assert row[:2] == (1, failed)
    assert row[3:] == ((REMOTE, "203.0.113.5", 443) if failed else (None, None, None))


@pytest.mark.parametrize("caller", [BALANCER, SERVER])
def test_what_balancer_and_servers_call_for_themselves_is_no_users_trouble(caller: str) -> None:
    assert found(served().apart(caller, ELSEWHERE, **REFUSED))[:2] == (1, 0)


def test_the_first_is_told() -> None:
    story = served().apart(REMOTE, ELSEWHERE, **SERVED)
    story.apart(REMOTE, "203.0.113.5:444", **REFUSED).apart(REMOTE, ELSEWHERE, **REFUSED)
    row = found(story)
    assert row[:2] == (3, 2)
    assert row[2] == 31
    assert row[5] == 444


@pytest.mark.parametrize("called", [f"{VIP}:{PORT}", f"{SERVER}:{PORT}"])
def test_whom_the_sessions_are_about_is_judged_there(called: str) -> None:
    assert found(served().apart(REMOTE, called, **REFUSED))[:2] == (1, 0)
