"""What became of each back, and which back a session stands for."""

from typing import Any

import pytest

from tests.rules.story import (
    LOCAL,
    OTHER_SERVER,
    REFUSED,
    REMOTE,
    SERVED,
    SERVER,
    SILENT,
    Story,
    back,
    kept,
)
from tests.sessions.table import MS


def asked(story: Story, names: str, table: str = "session") -> list[tuple[Any, ...]]:
    return story.tables().query(f"select {names} from {table}").rows


@pytest.mark.parametrize(
    ("columns", "mode", "seconds", "result"),
    [
        ({}, "snat", 0, "answered"),
        (REFUSED, "snat", 0, "refused"),
        (SILENT, "snat", 0, "unanswered"),
        (SILENT | {"syn_count": 1}, "snat", 10, "unanswered"),
        (SILENT | {"syn_count": 1}, "snat", 0, "pending"),
        (SILENT, "dsr", 10, None),
        (SILENT | {"highest_ack": [5, -1]}, "snat", 10, None),
    ],
)
def test_what_became_of_a_back(
    columns: dict[str, Any], mode: str, seconds: int, result: str | None
) -> None:
    story = Story().session(LOCAL, back(**columns), mode=mode, **SERVED).wait(seconds)
    assert asked(story, "result", "back") == [(result,)]


def test_a_session_stands_for_the_back_that_served() -> None:
    tried = back(OTHER_SERVER, **REFUSED)
    story = Story().session(LOCAL, tried, back(), **SERVED)
    names = "server, back_count, backs_refused, backs_answered, client_kept"
    assert asked(story, names) == [(SERVER, 2, 1, 1, False)]
    assert asked(
        story, "position, server_of", "(select position, destination as server_of from back)"
    ) == [
        (1, OTHER_SERVER),
        (2, SERVER),
    ]


def test_waiting_counts_from_the_first_attempt() -> None:
    story = Story().session(LOCAL, back(OTHER_SERVER, **SILENT), back(), **SERVED)
    assert asked(story, "waited_ns") == [(MS + 10_000,)]
    silent = Story().session(LOCAL, back(**SILENT), outcome="failed").wait(10)
    assert asked(silent, "waited_ns") == [(None,)]


def test_whose_address_a_back_carries() -> None:
    story = Story().session(LOCAL, back(), **SERVED).session(REMOTE, kept(), **SERVED)
    assert asked(story, "source_kind", "back") == [("balancer",), ("client",)]
    assert asked(story, "client_kept, client_on_link") == [(False, True), (True, False)]


def test_a_session_without_its_front_has_no_client() -> None:
    (row,) = asked(
        Story().check(back()), "client, vip, client_on_link, front, health_check, server"
    )
    assert row == (None, None, None, None, True, SERVER)
