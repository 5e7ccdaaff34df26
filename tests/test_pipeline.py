"""The whole way in one call: damaged captures give reports, the same input the same bytes."""

import struct
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pcapdiag
from pcapdiag import pipeline
from pcapdiag.facts import tables
from pcapdiag.flows.result import Traffic
from pcapdiag.pipeline import NothingReadable, analyze, sessions_of, tables_of, try_rules
from pcapdiag.report import FORMATS
from pcapdiag.report.assemble import assemble
from pcapdiag.report.model import Report
from pcapdiag.rules import Judgement, load
from pcapdiag.sessions import joins
from pcapdiag.sessions.one_capture import Join
from pcapdiag.settings import Settings

STORY = Path(__file__).parents[1] / "samples" / "story.pcap"
PLAIN = Settings(compiled=False)


def first_packets(data: bytes, count: int) -> bytes:
    """Return a pcap file (little endian) with only its first packets."""
    at = 24
    for _ in range(count):
        at += 16 + struct.unpack_from("<I", data, at + 8)[0]
    return data[:at]


@pytest.fixture(scope="module")
def story() -> Report:
    return analyze([STORY], PLAIN)


def test_the_story_s_verdict_is_proved_from_its_frames(story: Report) -> None:
    assert story.verdict.rule == "return-path-bypasses-balancer"
    assert story.verdict.certainty in ("likely", "proved")
    modes = {session.mode for session in story.sessions}
    assert modes == {"snat", "transparent"}
    assert [picture.works for picture in story.pictures] == [False, True]


def test_the_package_s_own_analyze_is_this_one() -> None:
    assert pcapdiag.analyze is analyze
    with pytest.raises(AttributeError, match="no attribute 'analyse'"):
        _ = pcapdiag.analyse


def test_same_input_same_bytes(story: Report, tmp_path: Path) -> None:
    elsewhere = tmp_path / "another" / "folder" / STORY.name
    elsewhere.parent.mkdir(parents=True)
    elsewhere.write_bytes(STORY.read_bytes())
    again = analyze([elsewhere], PLAIN)
    for name, each in FORMATS.items():
        assert each.render(again) == each.render(story), name


def test_compiled_or_not_is_the_same_report(story: Report) -> None:
    assert analyze([STORY], replace(PLAIN, compiled=True)) == story


def test_tables_too_large_to_copy_are_judged_all_the_same(
    story: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MOST_COPIED", 0)
    assert analyze([STORY], PLAIN) == story


def test_a_capture_that_cannot_be_read_is_a_limit(story: Report, tmp_path: Path) -> None:
    broken = tmp_path / "notes.pcap"
    broken.write_text("not a capture")
    found = analyze([broken, STORY, tmp_path / "gone.pcap"], PLAIN)
    unreadable = [limit.summary for limit in found.limits if limit.id == "capture-unreadable"]
    assert [summary.split()[0] for summary in unreadable] == ["notes.pcap", "gone.pcap"]
    assert found.sessions == story.sessions
    assert str(tmp_path) not in repr(found)


def test_when_none_can_be_read_each_is_named(tmp_path: Path) -> None:
    with pytest.raises(NothingReadable) as caught:
        analyze([tmp_path, tmp_path / "gone.pcap"], PLAIN)
    folder, gone = str(caught.value).split("\n")
    assert "folder" in folder
    assert "gone.pcap: " in gone


def test_two_halves_are_one_analysis(tmp_path: Path) -> None:
    data = STORY.read_bytes()
    half = len(first_packets(data, 120))
    (tmp_path / "1.pcap").write_bytes(data[:half])
    (tmp_path / "2.pcap").write_bytes(data[:24] + data[half:])
    found = analyze([tmp_path / "1.pcap", tmp_path / "2.pcap"], PLAIN)
    (line,) = found.captures
    assert [part.file for part in line.parts] == ["1.pcap", "2.pcap"]
    whole = analyze([STORY], PLAIN)
    assert line.packets == whole.captures[0].packets
    assert found.verdict == whole.verdict


def test_a_file_that_is_gone_before_it_is_read_as_one_with_another_is_judged_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = STORY.read_bytes()
    half = len(first_packets(data, 120))
    names = [tmp_path / "1.pcap", tmp_path / "2.pcap"]
    names[0].write_bytes(data[:half])
    names[1].write_bytes(data[:24] + data[half:])

    def without_the_second(traffic: Traffic, wishes: Settings) -> list[Join]:
        names[1].unlink()
        return joins(traffic, wishes)

    monkeypatch.setattr(pipeline, "joins", without_the_second)
    assert [line.file for line in analyze(names, PLAIN).captures] == ["1.pcap", "2.pcap"]


def test_tables_hold_the_sessions(story: Report) -> None:
    tables, limits = tables_of([STORY], PLAIN)
    count = tables.query("select count(*) from session where not health_check").rows[0][0]
    assert (count, limits) == (len(story.sessions), ())


def test_shipped_rules_are_tried_without_traffic() -> None:
    try_rules(load())


def light(path: Path) -> str:
    """Return the JSON report without asking the rules, which take most of a small analysis' time."""
    traffic, topology, sessions, limits = sessions_of([path], PLAIN)
    report = assemble(traffic, topology, sessions, Judgement((), (), ()), PLAIN, limits)
    return FORMATS["json"].render(report)


def damaged(base: bytes) -> st.SearchStrategy[bytes]:
    """Cut a capture anywhere, overwrite bytes anywhere, or put bytes in between."""
    place = st.integers(0, len(base) - 1)
    edits = st.lists(st.tuples(place, st.binary(min_size=1, max_size=6), st.booleans()), max_size=8)

    def edit(cut: int, changes: list[tuple[int, bytes, bool]]) -> bytes:
        data = bytearray(base[:cut])
        for at, new, instead in changes:
            data[at : at + len(new) if instead else at] = new
        return bytes(data)

    return st.builds(edit, st.one_of(st.just(len(base)), place), edits)


BASE = first_packets(STORY.read_bytes(), 60)


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("damaged") / "victim.pcap"
    yield path
    path.unlink(missing_ok=True)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=damaged(BASE))
def test_damage_anywhere_gives_a_report_or_one_line(victim: Path, data: bytes) -> None:
    victim.write_bytes(data)
    try:
        said = light(victim)
    except NothingReadable as error:
        said = str(error)
    assert said.startswith('{"schema": "pcapdiag.report/1"') or said.count("\n") == 0


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=damaged(BASE))
def test_damage_anywhere_is_judged_too(victim: Path, data: bytes) -> None:
    victim.write_bytes(data)
    try:
        report = analyze([victim], PLAIN)
    except NothingReadable:
        return
    assert asdict(report)["verdict"]["sentence"]
    for each in FORMATS.values():
        assert each.render(report)
