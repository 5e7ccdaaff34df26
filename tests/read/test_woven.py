"""Files of several interfaces that are read as one: equal to what mergecap makes of them."""

import struct
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pcapdiag.read import Capture, open_capture, open_captures, packets_at
from pcapdiag.read.woven import WovenCapture
from tests.read.forge import PACKED, Seen, interface, keep, option, packet, read, section_header

SECOND = 1_700_000_000


def pcap(times: Sequence[int], mark: int = 0, link: int = 1) -> bytes:
    """Return a capture with a packet of its own for each time in milliseconds."""
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    for number, time in enumerate(times):
        body = struct.pack(">II", mark, number) * (number % 3 + 1)
        sizes = len(body), len(body) + mark
        data += struct.pack("<IIII", SECOND + time // 1000, time % 1000 * 1000, *sizes) + body
    return data


def woven(names: Sequence[str], block: int = 1 << 22) -> WovenCapture:
    return WovenCapture([open_capture(name, block=block) for name in names])


def bodies(seen: Sequence[Seen]) -> list[tuple[int, int, bytes, int]]:
    return [(each.frame, each.time_ns, each.captured, each.wire) for each in seen]


TIMES = st.lists(st.integers(0, 40), max_size=25)


@limits(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.tuples(TIMES, st.sampled_from(sorted(PACKED))), min_size=1, max_size=4),
    st.sampled_from([64, 150, 1 << 22]),
    st.booleans(),
)
def test_packets_lie_as_mergecap_lays_them(
    tmp_path: Path, files: list[tuple[list[int], str]], block: int, ordered: bool
) -> None:
    names = []
    for number, (times, packed) in enumerate(files):
        data = pcap(sorted(times) if ordered else times, number)
        keep(tmp_path, data, f"{number}.pcap")
        names.append(keep(tmp_path, PACKED[packed](data), f"{number}.pcap.{packed}"))
    plain = [str(tmp_path / f"{number}.pcap") for number in range(len(files))]
    whole = str(tmp_path / "whole.pcap")
    subprocess.run(["mergecap", "-F", "pcap", "-w", whole, *plain], check=True)
    capture = woven(names, block)
    theirs = open_capture(whole)
    positions, found = [], []
    for batch in capture:
        for index, record in enumerate(batch.records):
            at, length = int(record["at"]), int(record["captured"])
            positions.append(batch.base + at)
            body = batch.data[at : at + length].tobytes()
            seen = batch.first_number + index, int(record["time_ns"]), body, int(record["wire"])
            found.append(seen)
            # Each file is an interface of its own, whatever it says of it.
            assert seen[3] - len(body) == struct.unpack(">I", body[:4])[0]
    assert found == bodies(read(theirs))
    assert len(capture.interfaces) == sum(bool(times) for times, _ in files)
    ours = capture.account
    for name in ("packets", "bytes", "cut_packets", "first_ns", "last_ns"):
        assert getattr(ours, name) == getattr(theirs.account, name)
    if ordered:
        assert (ours.gap_ns, ours.gap_frame) == (theirs.account.gap_ns, theirs.account.gap_frame)
        assert ours.backwards == 0
    # Every frame is found in its own file: by its number there, and by its position.
    own = {name: read(open_capture(name)) for name in names}
    for number, _, body, _ in found:
        file, frame = ours.place(capture.name, number)
        assert own[file][frame - 1].captured == body
    again = packets_at(capture.name, positions, account=ours)
    assert [again[at] for at in positions] == [body for _, _, body, _ in found]
    assert [part.name for part in ours.parts] == names
    for part in ours.parts:
        if own[part.name]:
            assert ours.place(capture.name, part.frames + 1) == (part.name, 1)
    lines = "".join(sha256(Path(name).read_bytes()).hexdigest() + "\n" for name in names)
    assert ours.sha256 == sha256(lines.encode()).hexdigest()
    assert capture.done == capture.size
    assert read(capture.again()) == read(woven(names, block))


def test_interfaces_of_two_files_are_different_ones(tmp_path: Path) -> None:
    def file(first: int) -> bytes:
        data = section_header("<") + interface("<", options=option("<", 2, b"eth0"))
        data += packet("<", 0, (SECOND + first) * 10**6, b"x", 1)
        data += interface("<", options=option("<", 2, b"eth1"))
        return data + packet("<", 1, (SECOND + first + 2) * 10**6, b"y", 1)

    names = [keep(tmp_path, file(first), f"{first}.pcapng") for first in (0, 1)]
    capture = woven(names)
    assert [(each.interface, each.captured) for each in read(capture)] == [
        (0, b"x"), (2, b"x"), (1, b"y"), (3, b"y"),
    ]  # fmt: skip
    assert [each.name for each in capture.interfaces] == ["eth0", "eth1", "eth0", "eth1"]


def test_files_of_a_ring_buffer_may_be_a_strand(tmp_path: Path) -> None:
    ring = [keep(tmp_path, pcap(times, 1), name) for times, name in (
        ([0, 10], "a.pcap"), ([20, 30], "a.pcap1"),
    )]  # fmt: skip
    other = keep(tmp_path, pcap([5, 25], 2), "b.pcap")
    strands, failed = open_captures([*ring, other])
    assert failed == []
    assert len(strands) == 2
    capture: Capture = WovenCapture(strands)
    numbers = [each.frame for each in read(capture)]
    places = [capture.account.place(capture.name, number) for number in numbers]
    assert places == [
        (ring[0], 1), (other, 1), (ring[0], 2), (ring[1], 1), (other, 2), (ring[1], 2),
    ]  # fmt: skip
    assert [part.name for part in capture.account.parts] == [*ring, other]
    assert [part.frames for part in capture.account.parts] == [0, 3, 1]


def test_damage_of_a_file_is_told_at_its_frame(tmp_path: Path) -> None:
    names = [
        keep(tmp_path, pcap([0, 20, 40])[:-1], "x.pcap"),
        keep(tmp_path, pcap([10, 30]) + b"cut", "y.pcap"),
    ]
    capture = woven(names)
    assert len(read(capture)) == 4
    assert [problem.frame for problem in capture.account.problems] == [3, 4]


@pytest.mark.parametrize("count", [0, 2])
def test_a_file_that_is_gone_leaves_the_others(tmp_path: Path, count: int) -> None:
    gone = keep(tmp_path, pcap([1]), "gone.pcap")
    capture = woven([gone, keep(tmp_path, pcap(range(count)), "here.pcap")])
    Path(gone).unlink()
    assert len(read(capture)) == count
    assert "does not exist" in capture.account.problems[0].what
