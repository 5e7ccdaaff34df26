"""Where an analysis stands: what decides first, and that healthy is what is left."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.report.model import Limit, SessionLine
from pcapdiag.rules.standing import FEW, STANDINGS, standing, untold_mode
from pcapdiag.sessions.model import OUTCOMES
from tests.report.lines import counted
from tests.report.stories import CAPTURE, LEADING, failing

BLIND = Limit("capture-one-way", "One direction is missing.", blinds=True)
SEEING = Limit("capture-drops", "The capture lost packets.")


def session(outcome: str, mode: str = "snat") -> SessionLine:
    return replace(failing(1), outcome=outcome, mode=mode)


def test_the_most_important_finding_leads_and_a_note_does_not() -> None:
    note = replace(LEADING, severity="note")
    later = replace(LEADING, severity="warning")
    found = standing([note, later, LEADING], [BLIND], counted([session("failed")]), [CAPTURE])
    assert (found.kind, found.finding) == ("finding", later)
    assert standing([note], [], counted([session("ok")]), [CAPTURE]).kind == "healthy"


def test_a_limit_blinds_only_when_it_says_so() -> None:
    assert standing([], [SEEING], counted([session("ok")]), [CAPTURE]).kind == "healthy"
    found = standing([], [SEEING, BLIND], counted([session("ok")]), [CAPTURE])
    assert (found.kind, found.limit) == ("blind", BLIND)


def test_a_way_of_forwarding_that_never_worked_is_told() -> None:
    local = [session("ok")] * 20
    remote = session("undetermined", "transparent")
    assert not untold_mode(counted([*local, remote]))
    assert untold_mode(counted([*local, remote, remote]))
    assert not untold_mode(counted([*local, remote, remote, session("ok", "transparent")]))


@given(st.lists(st.sampled_from(OUTCOMES), max_size=9), st.booleans(), st.booleans())
def test_healthy_is_said_of_nothing_else(outcomes: list[str], blind: bool, packets: bool) -> None:
    sessions = [session(outcome) for outcome in outcomes]
    captures = [CAPTURE if packets else replace(CAPTURE, packets=0)]
    found = standing([], [BLIND] if blind else [], counted(sessions), captures)
    assert found.kind in STANDINGS
    fine = packets and not blind and "ok" in outcomes
    fine &= not {"failed", "degraded"} & set(outcomes)
    fine &= outcomes.count("undetermined") <= FEW * len(outcomes)
    assert (found.kind == "healthy") == fine
    assert (found.kind == "unexplained") == (found.session is not None)
