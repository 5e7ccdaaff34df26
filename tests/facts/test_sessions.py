"""Which back a session stands for, and how long it took to find it."""

from typing import Any

from tests.rules.story import (
    LOCAL,
    OTHER_SERVER,
    REFUSED,
    SERVED,
    SERVER,
    SILENT,
    Story,
    back,
)
from tests.sessions.table import MS


def asked(story: Story, names: str, table: str = "session") -> list[tuple[Any, ...]]:
    return story.tables().query(f"select {names} from {table}").rows


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


def test_a_session_without_its_front_has_no_client() -> None:
    (row,) = asked(
        Story().check(back()), "client, vip, client_on_link, front, health_check, server"
    )
    assert row == (None, None, None, None, True, SERVER)
