"""Snoop files byte by byte; against tshark in test_foreign.py."""

import struct
from pathlib import Path

from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pcapdiag.read import open_capture, packets_at
from tests.read.forge import Seen, beyond, bodies, keep, read

HEADER = b"snoop\0\0\0" + struct.pack(">II", 2, 4)


def record(body: bytes, wire: int, drops: int = 0, padding: int = 0) -> bytes:
    length = 24 + len(body) + padding
    head = struct.pack(">IIIIII", wire, len(body), length, drops, 1_700_000_000, 7)
    return head + body + bytes(padding)


@limits(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    packets=st.lists(st.tuples(bodies, beyond, st.integers(0, 9), st.integers(0, 7)), max_size=9),
    compiled=st.booleans(),
)
def test_what_was_written_is_read(
    tmp_path: Path, packets: list[tuple[bytes, int, int, int]], compiled: bool
) -> None:
    data, seen = HEADER, []
    for number, (body, more, drops, padding) in enumerate(packets):
        wire = len(body) + more
        data += record(body, wire, drops, padding)
        seen.append(Seen(number + 1, 1_700_000_000_000_007_000, body, wire, 0, 0))
    name = keep(tmp_path, data)
    capture = open_capture(name, compiled=compiled, block=100)
    assert read(capture) == seen
    assert capture.account.format == "snoop"
    assert capture.account.drops == (packets[-1][2] if packets else -1)
    assert capture.account.problems == []
    at = [b.base + int(r["at"]) for b in open_capture(name) for r in b.records]
    assert list(packets_at(name, at).values()) == [each.captured for each in seen]


def test_damage_is_told(tmp_path: Path) -> None:
    whole = HEADER + record(b"abcd", 4)
    for tail, words in [
        (record(b"abcd", 4)[:-1], "27 of 28 bytes"),
        (b"\0\0\0\1", "inside a packet's header"),
        (struct.pack(">IIIIII", 4, 400, 28, 0, 0, 0), "claims 400 bytes, its record has 28"),
        (struct.pack(">IIIIII", 4, 4, 2**32 - 1, 0, 0, 0), "its record has 4294967295"),
    ]:
        capture = open_capture(keep(tmp_path, whole + tail))
        assert len(read(capture)) == 1
        assert words in capture.account.problems[0].what
