"""Sessions as columns against the same sessions one by one."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pcapdiag.sessions.model import (
    MODES,
    OUTCOMES,
    Back,
    Session,
    columns_of,
    together,
)

BACKS = st.builds(
    Back,
    record=st.integers(0, 99),
    confidence=st.floats(0, 1),
    evidence=st.sampled_from([(), ("time",), ("equal-isn", "time")]),
)
SESSIONS = st.lists(
    st.builds(
        Session,
        id=st.integers(1, 99),
        front=st.integers(-1, 99),
        backs=st.lists(BACKS, max_size=3).map(tuple),
        mode=st.sampled_from(MODES),
        outcome=st.sampled_from(OUTCOMES),
        health_check=st.booleans(),
    ),
    max_size=5,
)


@settings(deadline=None)
@given(SESSIONS)
def test_columns_hold_what_the_sessions_say(sessions: list[Session]) -> None:
    columns = columns_of(sessions)
    assert [*columns] == sessions
    assert [columns[n] for n in range(len(sessions))] == sessions
    assert [*columns[1:]] == sessions[1:]
    assert columns_of(columns) is columns
    assert [s.id for s in columns.numbered()] == [*range(1, len(sessions) + 1)]


@settings(deadline=None)
@given(SESSIONS, st.lists(st.integers(0, 4)))
def test_some_of_them(sessions: list[Session], wanted: list[int]) -> None:
    at = [n for n in wanted if n < len(sessions)]
    assert [*columns_of(sessions).at(np.array(at, np.int64))] == [sessions[n] for n in at]


@settings(deadline=None)
@given(st.lists(SESSIONS, min_size=1, max_size=3))
def test_one_part_after_the_other(parts: list[list[Session]]) -> None:
    assert [*together([*map(columns_of, parts)])] == [s for part in parts for s in part]
