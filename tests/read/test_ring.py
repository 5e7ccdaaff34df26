"""Ring buffers: which files are one capture, and that reading them is reading it."""

import struct
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pcapdiag.read import Capture, open_captures, packets_at
from tests.read.forge import Seen, interface, keep, option, packet, read, section_header

SECOND = 1_700_000_000
NAMES = [
    ("lb_00009_20260101115959.pcapng", "lb_00010_20260101120000.pcapng"),
    ("lb_20260101115959_00009.pcapng.gz", "lb_20260101120000_00010.pcapng.gz"),
    ("lb.pcap", "lb.pcap1"),
    ("lb.pcap9", "lb.pcap10"),
    ("lb.pcap.gz", "lb.pcap1.gz"),
    ("lb-2026-01-01_12:00:00.pcap", "lb-2026-01-01_13:00:00.pcap"),
    ("lb-20260101-120000.pcap", "lb-20260101-120000.pcap1"),
    ("lb-1767225600.pcap", "lb-1767229200.pcap"),
    ("1767225600.pcap", "1767229200.pcap"),
    ("nstrace1.cap", "nstrace10.cap"),
]
OTHERS = [
    ("lb1.pcap", "lb2.pcap"),
    ("client.pcap", "server.pcap"),
    ("a_00001_20260101120000.pcap", "b_00002_20260101120001.pcap"),
    ("lb.pcap", "lb.pcapng"),
]


def pcap(first: int, packets: int, link: int = 1) -> bytes:
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    for number in range(first, first + packets):
        body = struct.pack(">I", number)
        data += struct.pack("<IIII", SECOND + number, 0, len(body), len(body)) + body
    return data


def named(captures: list[Capture]) -> list[list[str]]:
    for capture in captures:
        read(capture)
    return [
        [Path(part.name).name for part in capture.account.parts] or [Path(capture.name).name]
        for capture in captures
    ]


def opened(*names: str) -> list[Capture]:
    captures, failed = open_captures(names)
    assert failed == []
    return captures


@pytest.mark.parametrize("pair", NAMES)
def test_names_that_run_on_are_one_capture_in_any_order(
    tmp_path: Path, pair: tuple[str, str]
) -> None:
    early = keep(tmp_path, pcap(0, 3), pair[0])
    late = keep(tmp_path, pcap(3, 3), pair[1])
    assert named(opened(late, early)) == [list(pair)]
    assert named(opened(early, late)) == [list(pair)]
    assert named(opened(str(tmp_path))) == [list(pair)]


@pytest.mark.parametrize("pair", OTHERS)
def test_other_names_stay_apart(tmp_path: Path, pair: tuple[str, str]) -> None:
    names = [keep(tmp_path, pcap(3 * n, 3), name) for n, name in enumerate(pair)]
    assert named(opened(*names)) == [[name] for name in pair]
    captures, failed = open_captures([str(tmp_path)])
    assert captures == []
    assert "is a folder" in failed[0][1]


@pytest.mark.parametrize(
    "other", [pcap(2, 3), pcap(0, 9), pcap(3, 3, link=113), pcap(0, 0)], ids=range(4)
)
def test_files_that_overlap_or_differ_stay_apart(tmp_path: Path, other: bytes) -> None:
    first = keep(tmp_path, pcap(0, 4 if len(other) < 100 else 3), "x.pcap")
    second = keep(tmp_path, other, "x.pcap1")
    if other == pcap(2, 3):
        assert named(opened(first, second)) == [["x.pcap"], ["x.pcap1"]]
    else:
        assert len(opened(second, first)) == 2


@limits(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 9), min_size=2, max_size=6), data=st.data())
def test_reading_the_files_is_reading_the_whole(
    tmp_path: Path, sizes: list[int], data: st.DataObject
) -> None:
    for old in tmp_path.iterdir():
        old.unlink()
    names, first = [], 0
    for number, size in enumerate(sizes):
        names.append(keep(tmp_path, pcap(first, size), f"x.pcap{number or ''}"))
        first += size
    (whole,) = opened(keep(tmp_path, pcap(0, first), "whole.pcap"))
    (capture,) = opened(*data.draw(st.permutations(names)))
    seen, ours, theirs = read(whole), capture.account, whole.account
    positions = []
    packets = []
    for batch in capture:
        for index, record in enumerate(batch.records):
            at, length = int(record["at"]), int(record["captured"])
            positions.append(batch.base + at)
            body = batch.data[at : at + length].tobytes()
            time_ns, wire = int(record["time_ns"]), int(record["wire"])
            packets.append(Seen(batch.first_number + index, time_ns, body, wire, 0, 0))
    assert packets == seen
    for name in ("packets", "bytes", "first_ns", "last_ns", "backwards", "gap_ns"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert [ours.place(capture.name, each.frame) for each in seen] == [
        (name, frame + 1) for name, size in zip(names, sizes, strict=True) for frame in range(size)
    ]
    found = packets_at(capture.name, positions, account=ours)
    assert list(found.values()) == [each.captured for each in seen]
    assert capture.done == capture.size == sum(Path(name).stat().st_size for name in names)
    lines = "".join(sha256(Path(name).read_bytes()).hexdigest() + "\n" for name in names)
    assert ours.sha256 == sha256(lines.encode()).hexdigest()


def test_interfaces_keep_their_numbers(tmp_path: Path) -> None:
    def part(first: int, names: list[bytes]) -> bytes:
        data = section_header("<")
        for name in names:
            data += interface("<", options=option("<", 2, name))
        for number in range(len(names)):
            data += packet("<", number, (SECOND + first + number) * 10**6, b"x", 1)
        return data

    alike = [b"eth0", b"eth0"]
    names = [
        keep(tmp_path, part(10 * n, alike), f"x_{n:05}_20260101120000.pcapng") for n in range(3)
    ]
    (capture,) = opened(*names)
    assert [each.interface for each in read(capture)] == [0, 1] * 3
    assert len(capture.interfaces) == 2


def test_damage_of_a_part_is_told_at_its_place(tmp_path: Path) -> None:
    names = [
        keep(tmp_path, pcap(0, 3) + b"cut", "x.pcap"),
        keep(tmp_path, pcap(3, 2)[:-1], "x.pcap1"),
    ]
    (capture,) = opened(*names)
    assert len(read(capture)) == 4
    problems = capture.account.problems
    assert [problem.frame for problem in problems] == [3, 4]
    assert problems[1].position == len(pcap(0, 3)) + 3 + len(pcap(3, 1))


def test_missing_files_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    names = [keep(tmp_path, pcap(3 * n, 3), f"x.pcap{n}") for n in range(2)]
    captures, failed = open_captures([*names, str(tmp_path / "x.pcap7")])
    assert len(captures) == 1
    assert failed[0][0].endswith("x.pcap7")
