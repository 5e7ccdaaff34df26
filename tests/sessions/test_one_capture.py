"""Files that are one capture: samples cut in two must say what the whole says, and other files stay apart."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Final

import pytest

from pcapdiag.flows.build import read_traffic
from pcapdiag.pipeline import analyze, sessions_of
from pcapdiag.read import open_captures
from pcapdiag.report.model import Report
from pcapdiag.sessions import joins
from pcapdiag.sessions.one_capture import Join
from pcapdiag.settings import Settings
from tests.flows.mutation.frames import Frame, Strange, find, load, write

ROOT: Final = Path(__file__).resolve().parents[2]
SAMPLES: Final = ROOT / "samples"
EXAMPLES: Final = ROOT / ".." / "shared" / "lab-examples"
LIST_ALL: Final = Settings(sessions="all", compiled=False)
MS: Final = 1_000_000

NOTHING_GOES_ON: Final = {
    "flaw-back-only", "flaw-ends-only", "flaw-one-way", "no-server-available", "routing-loop",
    "server-drops", "vip-port-closed",
}  # fmt: skip
"""Samples without a connection that both halves show."""

TWO_ARMS: Final = (
    "balancer-idle-timeout", "ipv6-snat-healthy", "ipv6-story", "mtu-black-hole", "retry",
    "server-port-closed", "server-reset", "snat-healthy", "story", "story-any", "story-firewall",
    "transparent-healthy", "two-arm-story",
)  # fmt: skip
"""Samples whose fronts and backs have ports of their own."""


def sample(name: str) -> Path:
    (path,) = SAMPLES.glob(f"{name}.pcap*")
    return path


def frames_of(path: Path) -> Strange:
    whole = load(path, 20_000)
    assert whole is not None
    return whole


def cut(whole: Strange, folder: Path, first: Callable[[int, Frame], bool]) -> list[Path]:
    """Write the frames of a capture to two files: those that are `first`, and the others."""
    names = [folder / "one.pcap", folder / "other.pcap"]
    sides = [first(number, frame) for number, frame in enumerate(whole.frames)]
    for name, wanted in zip(names, (True, False), strict=True):
        kept = [f for f, side in zip(whole.frames, sides, strict=True) if side is wanted]
        write(name, Strange(whole.link_type, kept))
    return names


def halves(path: Path, folder: Path) -> list[Path]:
    whole = frames_of(path)
    return cut(whole, folder, lambda number, _: number < len(whole.frames) // 2)


def arms(path: Path, folder: Path, later_ns: int = 0) -> list[Path]:
    """Write fronts to one file and the rest to another, by a clock of its own."""
    traffic, _, sessions, _ = sessions_of([path], LIST_ALL)
    ports = {int(traffic.flows["port"][s.front, 0]) for s in sessions if s.front >= 0}

    def is_front(_: int, frame: Frame) -> bool:
        place = find(whole.link_type, frame.data)
        ends = place.key(frame.data) if place else ()
        return any(int.from_bytes(end[-2:]) in ports for end in ends)

    whole = frames_of(path)
    names = cut(whole, folder, is_front)
    back = frames_of(names[1])
    write(names[1], replace(back, frames=[frame.later(later_ns) for frame in back.frames]))
    return names


def found(paths: Sequence[Path], settings: Settings = LIST_ALL) -> list[Join]:
    captures, failed = open_captures([str(path) for path in paths])
    assert failed == []
    return joins(read_traffic(captures, compiled=False), settings)


def told(report: Report) -> tuple[str, list[tuple[str, str, int]]]:
    lines = [(line.mode, line.outcome, len(line.backs)) for line in report.sessions]
    return report.verdict.rule, lines


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.pcap*")), ids=lambda path: path.name)
def test_halves_say_what_the_whole_says(path: Path, tmp_path: Path) -> None:
    if load(path, 1) is None:
        pytest.skip("several link types: written as one")
    parts = halves(path, tmp_path)
    if path.name.partition(".")[0].removesuffix("-tcp") in NOTHING_GOES_ON:
        assert found(parts) in ([], [Join((0, 1), side_by_side=False)])
        return
    assert found(parts) == [Join((0, 1), side_by_side=False)]
    assert found(parts[::-1]) == [Join((1, 0), side_by_side=False)]
    whole, report = analyze([path], LIST_ALL), analyze(parts[::-1], LIST_ALL)
    assert told(report) == told(whole)
    assert [part.first_frame for part in report.captures[0].parts] == [
        1, len(frames_of(parts[0]).frames) + 1,
    ]  # fmt: skip


@pytest.mark.parametrize("name", TWO_ARMS)
def test_two_interfaces_say_what_the_whole_says(name: str, tmp_path: Path) -> None:
    path = sample(name)
    sides = arms(path, tmp_path)
    assert found(sides) == [Join((0, 1), side_by_side=True)]
    whole, report = analyze([path], LIST_ALL), analyze(sides, LIST_ALL)
    assert told(report) == told(whole)
    # What proves it are the same frames, each named by its file and its number there.
    assert len(report.findings) == len(whole.findings)
    own = {side.name: frames_of(side).frames for side in sides}
    frames = frames_of(path).frames
    for ours, theirs in zip(report.findings, whole.findings, strict=True):
        cited = [own[frame.file][frame.number - 1] for frame in ours.frames]
        wanted = [frames[frame.number - 1] for frame in theirs.frames]
        assert sorted(cited, key=repr) == sorted(wanted, key=repr)


def test_what_was_put_together_is_said_with_the_command_that_does_so(tmp_path: Path) -> None:
    from pcapdiag.report.text import render

    report = analyze(arms(sample("story"), tmp_path), LIST_ALL)
    assert "mergecap -w whole.pcapng one.pcap other.pcap" in " ".join(render(report).split())
    report = analyze(halves(sample("story"), tmp_path), LIST_ALL)
    assert "mergecap -a -w whole.pcapng one.pcap other.pcap" in " ".join(render(report).split())


@pytest.mark.parametrize("later_ms", [-20, 20, 1000])
@pytest.mark.parametrize("name", ["snat-healthy", "server-reset"])
def test_two_clocks_are_two_captures(name: str, later_ms: int, tmp_path: Path) -> None:
    assert found(arms(sample(name), tmp_path, later_ms * MS)) == []


def test_who_says_where_captures_were_taken_keeps_them_apart(tmp_path: Path) -> None:
    one, other = arms(sample("snat-healthy"), tmp_path)
    for points, together in (
        ([(one, "balancer")], True), ([(one, "balancer"), (other, "balancer")], True),
        ([(other, "server")], False), ([(one, "client"), (other, "server")], False),
    ):  # fmt: skip
        named = tuple((str(path), point) for path, point in points)
        assert bool(found([one, other], replace(LIST_ALL, points=named))) is together
    early, late = halves(sample("snat-healthy"), tmp_path)
    named = ((str(early), "client"), (str(late), "balancer"))
    assert found([early, late], replace(LIST_ALL, points=named)) == []


def test_the_place_that_was_named_is_that_of_both(tmp_path: Path) -> None:
    one, other = arms(sample("snat-healthy"), tmp_path)
    report = analyze([one, other], replace(LIST_ALL, points=((str(other), "balancer"),)))
    assert [capture.point for capture in report.captures] == ["balancer"]


def test_captures_of_several_hosts_stay_apart() -> None:
    if not EXAMPLES.is_dir():
        pytest.skip("../shared/lab-examples is not here")
    sets = [sorted(folder.glob("*.pcap*")) for folder in sorted(EXAMPLES.glob("s*"))]
    tried = 0
    for paths in sets:
        for count in range(2, len(paths) + 1):
            for some in combinations(paths, count):
                assert found(some) == [], some
                tried += 1
    assert tried > 20


def test_samples_have_nothing_to_do_with_each_other() -> None:
    for one, other in combinations(["story", "snat-healthy", "snat-busy", "dnat-healthy"], 2):
        assert found([sample(one), sample(other)]) == []
