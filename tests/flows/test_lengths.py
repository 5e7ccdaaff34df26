"""Lengths are those on the wire: cut packets, padding, checksums behind frames, offloaded packets."""

import random
import struct
from pathlib import Path
from typing import Final

import pytest

from pcapdiag.flows.build import read_traffic
from pcapdiag.payload import stream
from pcapdiag.read import open_capture
from tests.flows.compare import EVERYTHING, by_us, compare
from tests.flows.traffic import traffic, write_frames
from tests.read import forge

LINK: Final = 14
CHECK: Final = b"\xde\xad\xbe\xef"
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


def checked(seed: int, octets: int = len(CHECK)) -> list[tuple[float, bytes]]:
    """Return frames with a check sequence, padding between it and the packet left as it is."""
    return [(at_ms, frame + CHECK[:octets]) for at_ms, frame in frames(seed)]


def announce_pcap(path: Path, words: int) -> None:
    """Say in a pcap's link type how many times 16 bits of check sequence the frames end with."""
    data = bytearray(path.read_bytes())
    data[20:24] = struct.pack("<I", words << 28 | 0x04000001)
    path.write_bytes(data)


def write_pcapng(
    path: Path, found: list[tuple[float, bytes]], snaplen: int, of_all: int, of_each: int
) -> None:
    """Write frames with what the interface (if_fcslen) and each packet (epb_flags) say; -1: nothing."""
    interface = forge.option("<", 13, bytes([of_all])) if of_all >= 0 else b""
    flags = forge.option("<", 2, struct.pack("<I", of_each << 5)) if of_each >= 0 else b""
    data = forge.section_header("<") + forge.interface("<", 1, snaplen, interface)
    for at_ms, frame in found:
        ticks = 1_700_000_000_000_000 + round(at_ms * 1000)
        data += forge.packet("<", 0, ticks, frame[:snaplen], len(frame), flags)
    path.write_bytes(data)


def bytes_of(path: Path) -> dict[object, object]:
    return {lane: found["bytes"] for lane, found in by_us(path, False).items()}


@pytest.mark.tshark
@pytest.mark.parametrize("snaplen", [54, 60, 68, 262_144])
def test_an_announced_check_sequence_is_no_payload(snaplen: int, tmp_path: Path) -> None:
    """Where the sender left IP's length 0, only the announcement tells it from payload."""
    path, plain = tmp_path / "checked.pcap", tmp_path / "plain.pcap"
    write_frames(plain, frames(snaplen), snaplen)
    write_frames(path, checked(snaplen), snaplen)
    assert bytes_of(path) != bytes_of(plain)
    announce_pcap(path, 2)
    assert bytes_of(path) == bytes_of(plain)
    assert compare(path, EVERYTHING, compiled=False).differing == {}


@pytest.mark.tshark
@pytest.mark.parametrize(
    ("of_all", "of_each", "octets"),
    [
        (32, -1, 4),
        (4, -1, 4),
        (16, -1, 2),
        (0, -1, 0),
        (-1, 4, 4),
        (32, 0, 4),
        (32, 2, 2),
        (3, 1, 1),
    ],
)
def test_pcapng_announces_it_twice(of_all: int, of_each: int, octets: int, tmp_path: Path) -> None:
    """The packet's own word counts; fewer than 8 bits of an interface are octets."""
    path, plain = tmp_path / "checked.pcapng", tmp_path / "plain.pcap"
    write_frames(plain, frames(5))
    write_pcapng(path, checked(5, octets), 262_144, of_all, of_each)
    assert bytes_of(path) == bytes_of(plain)
    assert compare(path, EVERYTHING, compiled=False).differing == {}


def test_a_check_sequence_is_not_read_as_payload(tmp_path: Path) -> None:
    path = tmp_path / "checked.pcap"
    write_frames(path, checked(3))
    announce_pcap(path, 2)
    traffic = read_traffic([open_capture(str(path))], compiled=False)
    events = traffic.events[traffic.events["payload"] > 0]
    found = stream.read(traffic, 0, events)
    assert [len(data) for data in found] == events["payload"].tolist()
    assert len(found) > 9
    assert not any(data.endswith(CHECK) for data in found)
