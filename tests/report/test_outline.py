from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.report import outline
from pcapdiag.report.model import Finding, Report
from tests.report.stories import (
    EMPTY,
    HEALTHY,
    INCONCLUSIVE,
    LEADING,
    LOCAL,
    STORY,
    failing,
    working,
)


@given(st.lists(st.integers(), max_size=30), st.integers(1, 20))
def test_what_is_cut_is_counted(items: list[int], most: int) -> None:
    some = outline.first(items, most)
    assert [*some.shown] == items[: len(some.shown)]
    assert len(some.shown) + some.more == len(items)
    assert some.more != 1


def test_the_leading_finding_is_the_verdicts() -> None:
    assert outline.leading(STORY) is LEADING
    assert outline.others(STORY) == (LOCAL,)
    assert outline.leading(HEALTHY) is None


@pytest.mark.parametrize(
    ("report", "state"),
    [
        (STORY, "bad"), (HEALTHY, "good"), (INCONCLUSIVE, "open"), (EMPTY, "open"),
        (replace(STORY, findings=(replace(LEADING, severity="warning"),)), "warn"),
    ],
)  # fmt: skip
def test_the_looks_follow_the_verdict(report: Report, state: str) -> None:
    assert outline.state(report) == state


def test_notes_do_not_make_a_session_affected() -> None:
    assert [s.id for s in outline.listed(STORY)] == list(range(1, 25))
    degraded = replace(working(40), outcome="degraded")
    report = replace(STORY, sessions=(failing(1), working(30), degraded), findings=(LOCAL,))
    assert [s.id for s in outline.listed(report)] == [1, 40]


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (LEADING, "24 of 36 sessions"),
        (replace(LEADING, sessions=(), scope="server", affected=1, of=2), "1 of 2 servers"),
        (replace(LEADING, sessions=(), affected=1, of=1), "the only virtual service"),
        (replace(LEADING, of=0), ""),
        (
            replace(LEADING, sessions=(1,) * 12_000, affected=12_000, of=20_000),
            "12,000 of 20,000 sessions",
        ),
    ],
)
def test_reach(finding: Finding, words: str) -> None:
    assert outline.reach(finding, ",") == words


def test_nothing_is_said_twice() -> None:
    report = replace(STORY, verdict=replace(STORY.verdict, sentence=LEADING.summary))
    assert outline.told(report, LEADING) == (LEADING.means,)
    assert outline.told(STORY, LEADING) == (LEADING.summary, LEADING.means)


def test_ends_and_frames_of_sessions() -> None:
    session = failing(1)
    assert outline.ends(session) == ("10.20.9.41:9785", "10.20.2.173:25", "10.20.2.75:25")
    assert outline.frames(session) == "4-601"
    retried = replace(session, backs=session.backs * 3)
    assert outline.ends(retried)[2] == "10.20.2.75:25 (+2)"
    nothing = replace(session, front=None, backs=())
    assert (outline.ends(nothing), outline.frames(nothing)) == (("-", "-", "-"), "-")
