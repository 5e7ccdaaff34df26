"""Who ended a session, and after which silence."""

from typing import Any

import pytest

from tests.rules.story import REMOTE, Story, back
from tests.sessions.table import MS, S

NAMES = "ended_by, ended_frame, ended_idle_ns"


def ended(story: Story) -> tuple[Any, ...]:
    return tuple(story.tables().query(f"select {NAMES} from session order by id").rows[-1])


def session(front: dict[str, Any], *backs: dict[str, Any]) -> Story:
    story = Story()
    now = story.clock
    shifted: dict[str, Any] = {
        name: [now + value if value >= 0 else -1 for value in values]
        if name.endswith("_ns")
        else values
        for name, values in front.items()
    }
    mode = "snat" if backs else "none"
    return story.session(REMOTE, *(back(**each) for each in backs), mode=mode, **shifted).wait(9)


SAID: dict[str, Any] = {"last_data_ns": [10 * MS, 20 * MS]}


@pytest.mark.parametrize(
    ("front", "behind", "expected"),
    [
        ({**SAID, "fin_ns": [30 * MS, 40 * MS], "fin_frame": [7, 8]}, {}, ("client", 7, 10 * MS)),
        ({**SAID, "fin_ns": [90 * MS, 40 * MS], "fin_frame": [7, 8]}, {}, ("balancer", 8, 20 * MS)),
        (
            {**SAID, "fin_ns": [90 * MS, 40 * MS], "fin_frame": [7, 8]},
            {**SAID, "fin_ns": [60 * MS, 35 * MS], "fin_frame": [5, 6]},
            ("server", 6, 15 * MS),
        ),
        # The back begins a millisecond later.
        ({}, {**SAID, "reset_ns": [30 * MS, -1], "reset_frame": [4, -1]}, ("balancer", 4, 10 * MS)),
        ({"reset_ns": [-1, 2 * S], "reset_frame": [-1, 9]}, {}, ("balancer", 9, None)),
        (
            {"fin_ns": [-1, 3 * S], "reset_ns": [-1, 2 * S], "reset_frame": [-1, 9]},
            {},
            ("balancer", 9, None),
        ),
        ({}, {}, (None, None, None)),
    ],
)
def test_the_first_end_on_either_leg_counts(
    front: dict[str, Any], behind: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    assert ended(session(front, behind)) == expected


def test_without_a_back_it_is_the_service_that_closes() -> None:
    assert ended(session({**SAID, "fin_ns": [90 * MS, 40 * MS]}))[0] == "service"
