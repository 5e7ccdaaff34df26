"""Lines of sessions: made for who looks, and always the same."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.report.session_lines import SessionLines, session_lines, troubled
from pcapdiag.sessions.model import Back, Session, columns_of
from tests.report.stories import LEADING, LOCAL
from tests.sessions.table import S, leg, traffic

MANY = 5000
"""More than are made at once."""


def lines(count: int) -> SessionLines:
    """Return lines of sessions with a back each; every third is named by two findings of one rule."""
    flows = traffic(
        *(leg(f"198.51.100.1:{n}", "192.0.2.10:25", S + n) for n in range(2 * count))
    ).flows
    sessions = [
        Session(n + 1, 2 * n, (Back(2 * n + 1, 0.98765, ("time", "relay")),), "snat", "ok")
        for n in range(count)
    ]
    finding = replace(LEADING, sessions=tuple(range(1, count + 1, 3)))
    return session_lines(columns_of(sessions), flows, ["lb.pcap"], [finding, finding])


def test_a_line_says_what_its_session_is() -> None:
    found = lines(MANY)
    made = [*found]
    assert [line.id for line in made] == [*range(1, MANY + 1)]
    assert [line.rules for line in made[:4]] == [(LEADING.rule,), (), (), (LEADING.rule,)]
    for n in (0, 4095, 4096, MANY - 1):
        assert made[n] == found[n]
        front, (back,) = made[n].front, made[n].backs
        assert front is not None
        assert (front.source_port, back.source_port) == (2 * n, 2 * n + 1)
        assert (made[n].confidence, made[n].matched_by) == (0.9877, ("time", "relay"))


@given(st.slices(7))
def test_some_lines(wanted: slice) -> None:
    found = lines(7)
    assert found[wanted] == [*found][wanted]
    assert found[wanted] == lines(7)[wanted]
    assert [*found.at(np.arange(7)[wanted])] == [*found][wanted]


def test_notes_do_not_make_a_session_affected() -> None:
    made = [Session(n, n, (), "none", "ok") for n in range(1, 6)]
    made[4] = replace(made[4], outcome="degraded")
    named = [replace(LEADING, sessions=(2,)), replace(LOCAL, sessions=(1, 3))]
    assert troubled(columns_of(made), named).tolist() == [False, True, False, False, True]
