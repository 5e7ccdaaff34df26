"""One pcap file byte by byte, and what is odd about old ones."""

import struct
from pathlib import Path

import pytest

from pcapdiag.read import open_capture
from tests.read.forge import Seen, keep, read

HEADER = bytes.fromhex(
    "d4c3b2a1"  # magic, little endian, microseconds
    "0200 0400"  # version 2.4
    "00000000 00000000"  # time zone, accuracy
    "00000400"  # snaplen 262144
    "01000014"  # frame check sequence of 2 words, LINKTYPE_ETHERNET
)
RECORD = bytes.fromhex(
    "00f15365"  # 1700000000 s
    "07000000"  # 7 us
    "04000000"  # captured
    "3c000000"  # on the wire
    "de ad be ef"
)


def test_one_packet(tmp_path: Path) -> None:
    capture = open_capture(keep(tmp_path, HEADER + RECORD))
    assert read(capture) == [Seen(1, 1_700_000_000_000_007_000, b"\xde\xad\xbe\xef", 60, 0, 0)]
    assert [(each.link_type, each.snaplen) for each in capture.interfaces] == [(1, 262144)]


def test_a_wire_length_below_the_captured_one_is_raised(tmp_path: Path) -> None:
    data = HEADER + struct.pack("<IIII", 1, 0, 4, 2) + b"abcd"
    assert [each.wire for each in read(open_capture(keep(tmp_path, data)))] == [4]


@pytest.mark.parametrize("minor", [2, 3])
def test_old_versions_swap_the_lengths(tmp_path: Path, minor: int) -> None:
    data = HEADER[:6] + struct.pack("<H", minor) + HEADER[8:]
    data += struct.pack("<IIII", 1, 0, 60, 4) + b"abcd"
    (packet,) = read(open_capture(keep(tmp_path, data)))
    assert (packet.captured, packet.wire) == (b"abcd", 60)


@pytest.mark.parametrize(
    ("snaplen", "length", "fits"),
    [(65535, 262144, True), (65535, 262145, False), (400_000, 400_000, True), (0, 300_000, False)],
)
def test_only_a_large_snaplen_allows_large_packets(
    tmp_path: Path, snaplen: int, length: int, fits: bool
) -> None:
    data = HEADER[:16] + struct.pack("<I", snaplen) + HEADER[20:]
    data += RECORD + struct.pack("<IIII", 1, 0, length, length) + bytes(length)
    capture = open_capture(keep(tmp_path, data))
    assert len(read(capture)) == 1 + fits
    said = [f"a packet claims {length} bytes" in each.what for each in capture.account.problems]
    assert said == [] if fits else [True]


def test_a_cut_packet_says_how_much_is_there(tmp_path: Path) -> None:
    capture = open_capture(keep(tmp_path, HEADER + RECORD * 2 + RECORD[:18]))
    read(capture)
    (problem,) = capture.account.problems
    assert problem.what == "the file ends inside a packet, 18 of 20 bytes are there"
    assert (problem.position, problem.frame) == (24 + 40, 2)
