"""NetScaler traces of every version and revision, as they were written and as tshark reads them."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pcapdiag.read import Unreadable, is_capture, open_capture, packets_at
from tests.read.compare import by_tshark, by_us, compare
from tests.read.forge import PACKED, keep, read
from tests.read.forge_nstrace import REVISIONS, TEXTS, Told, Trace, release_of

FAST = limits(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SINCE = st.sampled_from((0, 7, 999_999_999, 5_000_000, 3_000_000_000))

texts = st.binary(max_size=9)


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    revision = draw(st.sampled_from(REVISIONS))
    trace = Trace(revision)
    operations = st.integers(0, 3 if revision >= 24 else 2)
    for _ in range(draw(st.integers(0, 30))):
        told = Told(draw(operations), draw(st.integers(0, 255)), names=(draw(texts), draw(texts)))
        body = draw(st.binary(min_size=1, max_size=60)) * draw(st.integers(1, 25))
        wire = len(body) + draw(st.integers(0, 300)) if draw(st.booleans()) else -1
        if draw(st.booleans()):
            trace.other(draw(st.integers(4, 400)))
        trace.packet(body, draw(SINCE), told, wire)
    return trace


@FAST
@given(trace=traces(), compiled=st.booleans(), block=st.integers(64, 20_000))
def test_what_was_written_is_read(tmp_path: Path, trace: Trace, compiled: bool, block: int) -> None:
    capture = open_capture(keep(tmp_path, trace.data, "x.cap"), compiled, block)
    assert read(capture) == trace.packets
    assert capture.account.problems == []
    assert capture.account.format == "nstrace"
    release = release_of(trace.revision)
    assert capture.account.version == f"{release // 10}.{release % 10}"


@pytest.mark.tshark
@limits(FAST, max_examples=25)
@given(trace=traces())
def test_frames_are_those_of_tshark(tmp_path: Path, trace: Trace) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    name = keep(tmp_path, trace.padded, "x.cap")
    if trace.revision in (25, 26):
        theirs, ours = by_tshark(name), by_us(name)
        # Wireshark counts no names on the wire.
        assert [(f[0], f[1], f[3]) for f in theirs[0]] == [(f[0], f[1], f[3]) for f in ours[0]]
        assert bool(theirs[1]) == bool(ours[1])
    else:
        assert compare(name) == ("equal", "")


@pytest.mark.tshark
@pytest.mark.parametrize("revision", REVISIONS[1:])  # editcap 4.0 aborts when it writes version 1.0
def test_what_editcap_writes_is_read(tmp_path: Path, revision: int) -> None:
    if shutil.which("editcap") is None:
        pytest.skip("editcap is not installed")
    trace = Trace(revision)
    for number in range(60):
        trace.packet(bytes(range(60)) * (number % 20 + 1), 5000, Told(number % 3))
    out = tmp_path / "out.cap"
    source = keep(tmp_path, trace.padded, "x.cap")
    form = f"nstrace{release_of(revision)}"
    subprocess.run(["editcap", "-F", form, source, out], check=True, capture_output=True)
    assert is_capture(str(out))
    assert [each[:3] for each in by_us(str(out))[0]] == [
        each[:3] for each in by_tshark(str(out))[0]
    ]


@FAST
@given(trace=traces(), data=st.data())
def test_a_trace_cut_anywhere_gives_what_came_before(
    tmp_path: Path, trace: Trace, data: st.DataObject
) -> None:
    end = data.draw(st.integers(trace.ends[0], len(trace.data)))
    capture = open_capture(keep(tmp_path, trace.data[:end], "x.cap"))
    found = read(capture)
    assert found == trace.packets[: len(found)]
    inside = any(begin < end < stop for begin, stop in trace.spans)
    assert capture.account.problems or not inside
    assert end not in trace.ends or not capture.account.problems


@FAST
@given(trace=traces(), flips=st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 255))))
def test_damage_is_no_traceback(tmp_path: Path, trace: Trace, flips: list[tuple[int, int]]) -> None:
    data = bytearray(trace.data)
    for at, value in flips:
        data[at % len(data)] = value
    try:
        capture = open_capture(keep(tmp_path, bytes(data), "x.cap"))
    except Unreadable:
        return
    for packet in read(capture):
        assert packet.wire >= len(packet.captured)
    assert len(capture.account.problems) <= 1


@pytest.mark.parametrize("packing", sorted(PACKED))
def test_packets_are_found_again(tmp_path: Path, packing: str) -> None:
    for revision in REVISIONS:
        trace = Trace(revision)
        for number in range(40):
            trace.packet(bytes(range(number, 200)) * 8, 5, Told(names=(b"web", b"db")), 2000)
        name = keep(tmp_path, PACKED[packing](trace.data), f"{revision}.cap")
        capture = open_capture(name)
        at = [batch.base + int(record["at"]) for batch in capture for record in batch.records]
        assert list(packets_at(name, at).values()) == [each.captured for each in trace.packets]
        assert packets_at(name, [at[3] + 1, 10**9]).get(10**9) is None
        assert capture.account.format == "nstrace" + ("+" + packing if packing else "")


def test_packets_before_the_first_time_are_left_out(tmp_path: Path) -> None:
    trace = Trace(20)
    at = trace.data.index(b"\x07\x08")
    trace.packet(b"after", 5, Told())
    head, rest = trace.data[:at], trace.data[at:]
    early = Trace(20)
    early.packet(b"before", 5, Told())
    record = early.data[early.ends[0] :]
    capture = open_capture(keep(tmp_path, head + record + rest, "x.cap"))
    assert [each.captured[-5:] for each in read(capture)] == [b"after"]
    # Without any, all are there, as in Wireshark.
    capture = open_capture(keep(tmp_path, head + record, "y.cap"))
    assert [each.captured[-6:] for each in read(capture)] == [b"before"]


@pytest.mark.parametrize("release", sorted(TEXTS))
def test_a_signature_must_be_in_its_record(tmp_path: Path, release: int) -> None:
    data = b"GET / HTTP/1.0\r\nServer: " + TEXTS[release] + b"\r\n" * 40
    assert not is_capture(keep(tmp_path, data, "x.txt"))
    with pytest.raises(Unreadable):
        open_capture(keep(tmp_path, data, "x.txt"))
