"""Lengths are those on the wire: cut packets, padding, checksums behind frames, offloaded packets."""

import random
from pathlib import Path
from typing import Final

import pytest

from tests.flows.compare import EVERYTHING, by_us, compare
from tests.flows.traffic import traffic, write_frames

LINK: Final = 14
SNAPLENS: Final = (34, 50, 54, 58, 64, 68, 96, 200, 262_144)


def trailed(frame: bytes, choose: random.Random) -> bytes:
    """Return a frame as it may lie in a capture: padded, with a checksum, with its length left open."""
    kind = choose.random()
    if kind < 0.3:
        return frame.ljust(60, b"\0") + (b"\x12\x34\x56\x78" if kind < 0.1 else b"")
    if kind < 0.5 and frame[LINK] >> 4 == 4:
        return frame[: LINK + 2] + b"\0\0" + frame[LINK + 4 :]
    return frame


def frames(seed: int) -> list[tuple[float, bytes]]:
    choose = random.Random(seed)
    packets = traffic(seed, connections=6)
    return [(packet.at_ms, trailed(packet.frame(), choose)) for packet in packets]


@pytest.mark.tshark
@pytest.mark.parametrize("snaplen", SNAPLENS)
def test_lengths_are_tshark_s(snaplen: int, tmp_path: Path) -> None:
    path = tmp_path / "lengths.pcap"
    write_frames(path, frames(snaplen), snaplen)
    found = compare(path, EVERYTHING, compiled=False)
    assert found.differing == {}


def test_a_cut_capture_counts_the_bytes_of_the_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "lengths.pcap"
    counted = []
    for snaplen in (74, 262_144):
        write_frames(path, frames(1), snaplen)
        counted.append({lane: found["bytes"] for lane, found in by_us(path, False).items()})
    assert counted[0] == counted[1]
    assert sum(counted[0].values()) > 0
