from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.report import outline
from pcapdiag.report.model import Endpoint, Finding, GatewayLine, PartLine, Report
from tests.report.stories import (
    EMPTY,
    HEALTHY,
    INCONCLUSIVE,
    LEADING,
    LOCAL,
    NOBODY,
    STORY,
    failing,
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


def test_what_is_listed() -> None:
    assert outline.listed(replace(STORY, listed="all")) is STORY.sessions
    assert outline.listed(replace(STORY, listed="affected")) is STORY.affected
    assert not outline.listed(replace(STORY, listed="none"))


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (LEADING, "24 of 36 sessions"),
        (
            replace(LEADING, sessions=(), scope="server", affected=14, of=14),
            "14 of 14 health checks",
        ),
        (replace(LEADING, sessions=(), affected=0, of=9), "0 of 9 sessions"),
        (replace(LEADING, sessions=(7,), affected=1, of=1), "the only session"),
        (replace(LEADING, of=0), ""),
        (
            replace(LEADING, sessions=(1,) * 12_000, affected=12_000, of=20_000),
            "12,000 of 20,000 sessions",
        ),
    ],
)
def test_reach(finding: Finding, words: str) -> None:
    assert outline.reach(finding) == words


def test_nothing_is_said_twice() -> None:
    report = replace(STORY, verdict=replace(STORY.verdict, sentence=LEADING.summary))
    assert outline.told(report, LEADING) == (LEADING.means,)
    assert outline.told(STORY, LEADING) == (LEADING.summary, LEADING.means)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 9))
def test_everyone_has_a_line_or_is_counted(servers: int, gateways: int, most: int) -> None:
    topology = replace(
        STORY.topology,
        servers=tuple(Endpoint(f"10.0.0.{n}", 25, "why") for n in range(servers)),
        gateways=tuple(GatewayLine(f"02:00:00:00:00:{n:02x}", ()) for n in range(gateways)),
    )
    rows = outline.players(replace(STORY, topology=topology), most)
    for role, count in (("real server", servers), ("gateway", gateways)):
        mine = [row for row in rows if row.role == role]
        more = sum(int(row.name.split()[1]) for row in mine if not row.is_address)
        assert sum(row.is_address for row in mine) + more == count


def test_a_gateway_goes_by_its_address() -> None:
    known = GatewayLine("02:00:00:00:00:01", ("10.0.0.1", "10.0.1.1"), "3 clients")
    unknown = replace(known, addresses=(), reason="")
    topology = replace(NOBODY, gateways=(known, unknown))
    assert [
        (row.name, row.why) for row in outline.players(replace(STORY, topology=topology), 8)
    ] == [
        ("10.0.0.1", "MAC 02:00:00:00:00:01; also 10.0.1.1; 3 clients"),
        ("02:00:00:00:00:01", "its address was not seen"),
    ]


def test_what_stands_below_the_verdict() -> None:
    found = outline.standing(STORY)
    assert found is not None
    assert (found.rule, found.reach) == (LEADING.rule, "24 of 36 sessions")
    assert outline.standing(HEALTHY) is None
    assert outline.counted(HEALTHY).endswith(" in 1 capture")
    assert outline.counted(EMPTY) == ""
    (capture,) = HEALTHY.captures
    ring = replace(capture, parts=tuple(PartLine(f"lb.pcap{n}", "", n) for n in range(3)))
    assert outline.counted(replace(HEALTHY, captures=(ring,))).endswith(" in 1 capture of 3 files")


def test_of_several_files_the_command_that_counts_their_frames_is_told() -> None:
    (capture,) = STORY.captures
    assert outline.merging(capture) == ""
    parts = tuple(PartLine(f"lb {n}.pcap", "", n) for n in range(12))
    ring, both = replace(capture, parts=parts), replace(capture, parts=parts[:2], woven=True)
    assert outline.merging(both) == "mergecap -w whole.pcapng 'lb 0.pcap' 'lb 1.pcap'"
    assert outline.merging(ring).startswith("mergecap -a -w whole.pcapng 'lb 0.pcap' 'lb 1.pcap'")
    assert outline.merging(ring).endswith("'lb 7.pcap' ...")


def test_sessions_that_are_left_out_are_counted() -> None:
    some = outline.first(outline.listed(STORY), 10)
    rest = len(STORY.sessions) - len(outline.listed(STORY))
    assert outline.unlisted(STORY, some) == f"not listed: {rest} sessions without trouble"
    assert outline.unlisted(STORY, outline.first(STORY.sessions, 10)) == ""


def test_ends_and_frames_of_sessions() -> None:
    session = failing(1)
    assert outline.ends(session) == ("10.20.9.41:9785", "10.20.2.173:25", "10.20.2.75:25")
    assert outline.frames(session) == "4-601"
    retried = replace(session, backs=session.backs * 3)
    assert outline.ends(retried)[2] == "10.20.2.75:25 (+2)"
    nothing = replace(session, front=None, backs=())
    assert (outline.ends(nothing), outline.frames(nothing)) == (("-", "-", "-"), "-")
