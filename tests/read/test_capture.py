"""Whole captures: what was written is read, whatever the block's size and the damage."""

import gzip
import hashlib
import shutil
import struct
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pcapdiag.read import Unreadable, open_capture
from tests.read.forge import (
    PACKED,
    Forged,
    Seen,
    files,
    interface,
    keep,
    packet,
    pcap_files,
    pcapng_files,
    read,
    section_header,
)

many = limits(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
few = limits(many, max_examples=12)
blocks = st.integers(64, 300) | st.just(1 << 20)


@many
@given(forged=files, packing=st.sampled_from(sorted(PACKED)), block=blocks)
def test_what_was_written_is_read(tmp_path: Path, forged: Forged, packing: str, block: int) -> None:
    data = PACKED[packing](forged.data)
    capture = open_capture(keep(tmp_path, data), block=block)
    assert read(capture) == forged.packets
    account = capture.account
    assert account.problems == []
    assert account.drops == forged.drops
    assert account.packets == len(forged.packets)
    assert account.bytes == sum(each.wire for each in forged.packets)
    assert account.cut_packets == sum(each.wire > len(each.captured) for each in forged.packets)
    times = [each.time_ns for each in forged.packets if each.time_ns >= 0]
    assert (account.first_ns, account.last_ns) == (min(times, default=-1), max(times, default=-1))
    assert account.untimed == len(forged.packets) - len(times)
    steps = [after - before for before, after in pairwise(times)]
    assert account.backwards == sum(step < 0 for step in steps)
    assert account.equal_times == steps.count(0)
    frames = [each.frame for each in forged.packets if each.time_ns >= 0]
    back = [frame for frame, step in zip(frames[1:], steps, strict=True) if step < 0]
    assert account.backwards_frame == (back[0] if back else -1)
    longest = max(steps, default=-1)
    if longest > 0:
        assert account.gap_ns == longest
        assert account.gap_frame == frames[steps.index(longest) + 1]
    assert account.sha256 == hashlib.sha256(data).hexdigest()
    assert account.format.endswith(packing)
    assert capture.done == capture.size == len(data)


@few
@given(forged=files, packing=st.sampled_from(sorted(PACKED)))
def test_every_block_size_gives_the_same(tmp_path: Path, forged: Forged, packing: str) -> None:
    name = keep(tmp_path, PACKED[packing](forged.data))
    for block in range(64, 200, 3):
        assert read(open_capture(name, block=block)) == forged.packets


@few
@given(forged=files)
def test_a_file_cut_anywhere_keeps_what_came_before(tmp_path: Path, forged: Forged) -> None:
    refused = []
    for length in range(len(forged.data)):
        name = keep(tmp_path, forged.data[:length])
        try:
            capture = open_capture(name, block=128)
        except Unreadable as error:
            refused.append((length, error.name))
            continue
        found = read(capture)
        assert found == forged.packets[: len(found)]
        assert bool(capture.account.problems) == (length not in forged.ends)
    assert all(length < forged.ends[0] and name for length, name in refused)


@few
@given(forged=files, packing=st.sampled_from(sorted(PACKED)[1:]), data=st.data())
def test_a_compressed_file_cut_anywhere_is_told(
    tmp_path: Path, forged: Forged, packing: str, data: st.DataObject
) -> None:
    packed = PACKED[packing](forged.data)
    name = keep(tmp_path, packed[: data.draw(st.integers(0, len(packed) - 1))])
    try:
        capture = open_capture(name)
    except Unreadable:
        return
    found = read(capture)
    assert found == forged.packets[: len(found)]
    assert "cut short" in capture.account.problems[0].what


@many
@given(
    forged=files,
    flips=st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 255)), min_size=1, max_size=8),
    packing=st.sampled_from(sorted(PACKED)),
    inside=st.booleans(),
)
def test_flipped_bytes_never_raise(
    tmp_path: Path, forged: Forged, flips: list[tuple[int, int]], packing: str, inside: bool
) -> None:
    data = bytearray(forged.data if inside else PACKED[packing](forged.data))
    for at, mask in flips:
        data[at % len(data)] ^= mask
    name = keep(tmp_path, PACKED[packing](bytes(data)) if inside else bytes(data))
    outcomes = []
    for compiled in (False, True):
        try:
            capture = open_capture(name, compiled=compiled, block=256)
        except Unreadable as error:
            outcomes.append(str(error))
            continue
        outcomes.append(repr((read(capture), capture.account, capture.interfaces)))
        assert all(len(p.captured) <= p.wire for p in read(open_capture(name)))
    assert outcomes[0] == outcomes[1]


@many
@given(forged=files, block=blocks)
def test_compiled_equals_plain(tmp_path: Path, forged: Forged, block: int) -> None:
    capture = open_capture(keep(tmp_path, forged.data), compiled=True, block=block)
    assert read(capture) == forged.packets
    assert capture.account.drops == forged.drops


def test_a_packet_larger_than_a_block(tmp_path: Path) -> None:
    body = bytes(range(256)) * 1000
    data = section_header("<") + interface("<") + packet("<", 0, 1, body, len(body)) * 3
    capture = open_capture(keep(tmp_path, data), block=100)
    assert [each.captured for each in read(capture)] == [body] * 3
    assert capture.account.problems == []


def test_more_records_than_a_batch_holds(tmp_path: Path) -> None:
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0, 1)
    records = b"".join(struct.pack("<IIII", number, 0, 0, 60) for number in range(40_000))
    capture = open_capture(keep(tmp_path, header + records))
    found = read(capture)
    assert [each.frame for each in found] == list(range(1, 40_001))
    assert [each.time_ns for each in found] == [n * 10**9 for n in range(40_000)]


def test_a_large_file_is_hashed_whole(tmp_path: Path) -> None:
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0, 1)
    record = struct.pack("<IIII", 1, 0, 1000, 1000) + bytes(1000)
    data = header + record * 9000
    for packed in (data, gzip.compress(data, 1), data[:5_000_000] + b"\xff" * 5_000_000):
        capture = open_capture(keep(tmp_path, packed), block=1 << 16)
        read(capture)
        assert capture.account.sha256 == hashlib.sha256(packed).hexdigest()


def test_a_file_gone_since_it_was_recognised_is_a_problem(tmp_path: Path) -> None:
    name = keep(tmp_path, section_header("<"))
    capture = open_capture(name)
    Path(name).unlink()
    assert read(capture) == []
    assert "does not exist" in capture.account.problems[0].what


def test_leaving_early_leaves_nothing_open(tmp_path: Path) -> None:
    data = section_header("<") + interface("<") + packet("<", 0, 1, b"a", 1) * 9000
    for batch in open_capture(keep(tmp_path, data), block=1000):
        assert len(batch.records)
        break  # an open file or thread would be a warning, and warnings are errors


@pytest.mark.tshark
@few
@given(forged=pcap_files() | pcapng_files(known_to_tshark=True))
def test_tshark_reads_the_same(tmp_path: Path, forged: Forged) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    name = keep(tmp_path, forged.data)
    fields = ("frame.number", "frame.time_epoch", "frame.cap_len", "frame.len")
    command = ["tshark", "-n", "-r", name, "-T", "fields"]
    for each in fields:
        command += ["-e", each]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    frames = {each.frame: each for each in read(open_capture(name))}
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert [int(line[0]) for line in lines] == list(range(1, forged.frames + 1))
    for number, time, captured, wire in lines:
        if int(number) in frames:
            seen = frames[int(number)]
            assert (len(seen.captured), seen.wire) == (int(captured), int(wire))
            assert _close(seen, time)


def _close(seen: Seen, time: str) -> bool:
    """Whether tshark's time is ours; it has words for times that we call unknown."""
    if seen.time_ns < 0:
        return not time or time.startswith("-") or int(time.split(".")[0]) > 9_223_372_035
    seconds, _, fraction = time.partition(".")
    return replace(seen, time_ns=int(seconds) * 10**9 + int(fraction)) == seen


@pytest.mark.parametrize(("size", "compiled"), [(1000, False), (20 << 20, True)])
def test_large_files_are_scanned_compiled(tmp_path: Path, size: int, compiled: bool) -> None:
    name = keep(tmp_path, section_header("<") + interface("<"))
    with open(name, "r+b") as file:
        file.truncate(size)
    assert open_capture(name).compiled is compiled
    assert open_capture(name, compiled=not compiled).compiled is not compiled


def test_a_small_file_of_many_packets_is_scanned_compiled_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pcapdiag.read.capture.MANY", 5000)
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0, 1)
    name = keep(tmp_path, gzip.compress(header + bytes(16 * 40_000)))
    for wish, ends in ((None, True), (False, False)):
        capture = open_capture(name, compiled=wish, block=4096)
        assert not capture.compiled
        assert sum(len(batch.records) for batch in capture) == 40_000
        assert capture.compiled is ends
