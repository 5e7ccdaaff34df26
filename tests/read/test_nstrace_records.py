"""Single rules of NetScaler records: types, sizes, units of time; whole files in test_nstrace.py."""

import struct

import pytest

from pcapdiag.read import nstrace_records as records
from tests.read import forge_nstrace as forge


@pytest.mark.parametrize("revision", forge.REVISIONS)
def test_header_lengths_are_those_that_are_written(revision: int) -> None:
    version = forge.release_of(revision)
    told = forge.Told(operation=1)
    for wire in (-1, 9):
        record = forge.packet(revision, b"", 0, 0, told, wire)
        kind = int.from_bytes(record[: 2 if version == 10 else 1], "little")
        assert records.header_length(version, kind) == len(record)
        assert records.size_of(record, 0, version) == len(record)


def test_other_types_hold_no_packet() -> None:
    packets = {
        version: [k for k in range(0x400) if records.header_length(version, k)]
        for version in (10, 20, 30, 35)
    }
    assert packets[10] == [0x310, 0x311, 0x312, 0x314, 0x315, 0x316]
    assert packets[30] == packets[35]
    assert [k for k in packets[30] if k < 0x100] == [*range(0xA8, 0xB0)]
    assert not {0xC3, 0xC7, 0xD3, 0xF7, 0x01, 0x07, 0x08, 0x00, 0xA8} & set(packets[20])


def test_every_unit_of_time() -> None:
    for raw, since_ns in [
        (5, 5 * 10**9),
        (1 << 30 | 1_234, 1_234_000_000),
        (2 << 30 | 1_234_567, 1_234_567_000),
        (3 << 30 | 999_999_999, 999_999_999),
        (3 << 30 | 0x3FFFFFFF, 0x3FFFFFFF),
    ]:
        state = [0] * records.STATE
        state[records.SECONDS] = 100
        data = bytes(4) + struct.pack("<I", raw)
        assert records.take_time(data, 0, 20, 8, state) == 100 * 10**9 + since_ns
        assert records.take_time(data, 0, 20, 8, state) == 100 * 10**9 + 2 * since_ns


def test_relative_times_move_the_clock_on_in_whole_seconds() -> None:
    state = [0] * records.STATE
    state[records.SECONDS] = 100
    for _ in range(3):
        records.set_time(struct.pack("<BBH", 8, 8, 1500), 0, 20, 8, state)
    assert (state[records.SECONDS], state[records.MILLISECONDS]) == (104, 500)


def test_unused_space_ends_a_page_or_a_half() -> None:
    assert records.unused_until(100, 20) == 4096
    assert records.unused_until(5000, 20) == 8192
    assert records.unused_until(100, 10) == 8192
    assert records.unused_until(16384 + 9, 30) == 32768
