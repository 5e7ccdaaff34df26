"""What became of each back, and whose address it carries."""

from typing import Any

import pytest

from tests.rules.story import (
    LOCAL,
    REFUSED,
    REMOTE,
    SERVED,
    SILENT,
    Story,
    back,
    kept,
)


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


def test_whose_address_a_back_carries() -> None:
    story = Story().session(LOCAL, back(), **SERVED).session(REMOTE, kept(), **SERVED)
    assert asked(story, "source_kind", "back") == [("balancer",), ("client",)]
    assert asked(story, "client_kept, client_on_link") == [(False, True), (True, False)]
