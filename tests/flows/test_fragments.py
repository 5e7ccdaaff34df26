"""IP fragments: counted as tshark counts them, bounded, and equal whichever way the kernel runs."""

import random
import struct
from pathlib import Path
from typing import Any, Final

import pytest

from pcapdiag.flows.build import read_traffic
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.state import DATAGRAMS
from tests.flows.compare import EVERYTHING, compare
from tests.flows.stories import ACK, PSH, SYN, Frames, Packet, dialogue, says
from tests.flows.test_kernel import differing
from tests.flows.traffic import traffic, write_frames

LINK: Final = 14
IPV4_HEADER: Final = 20


def fragments(frame: bytes, number: int, sizes: list[int]) -> list[bytes]:
    """Cut the IP payload of an Ethernet frame after so many octets each; the rest comes last."""
    link, packet = frame[:LINK], frame[LINK:]
    header = IPV4_HEADER if packet[0] >> 4 == 4 else 40
    payload = packet[header:]
    edges = [0]
    for size in sizes:
        if edges[-1] + size < len(payload):
            edges.append(edges[-1] + size)
    made = []
    for start, stop in zip(edges, [*edges[1:], len(payload)], strict=True):
        more = stop < len(payload)
        made.append(link + fragment(packet[:header], number, start, payload[start:stop], more))
    return made


def fragment(header: bytes, number: int, offset: int, octets: bytes, more: bool) -> bytes:
    """Return one IP packet with a part of a datagram."""
    if len(header) == IPV4_HEADER:
        field = offset // 8 | (0x2000 if more else 0)
        start = header[:2] + struct.pack("!HHH", IPV4_HEADER + len(octets), number & 0xFFFF, field)
        return start + header[8:] + octets
    extension = struct.pack("!BBHI", header[6], 0, offset | more, number)
    return header[:4] + struct.pack("!HB", 8 + len(octets), 44) + header[7:] + extension + octets


def seen(frames: list[bytes], compiled: bool = False, apart_ms: float = 1.0) -> Traffic:
    story = Frames([(at * apart_ms, frame, None, 0) for at, frame in enumerate(frames)])
    return read_traffic([story], compiled=compiled)


def one(frames: list[bytes], **choices: Any) -> Any:
    (flow,) = seen(frames, **choices).flows.records
    return flow


REQUEST: Final = says(0, 101, 501, bytes(range(200)) * 10)


def test_a_datagram_counts_at_the_frame_that_completes_it() -> None:
    parts = fragments(REQUEST.frame(), 7, [1000, 520])
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        found = seen([parts[place] for place in order])
        (flow,) = found.flows.records
        assert flow["first_frame"] == 3
        assert list(flow["packets"]) == [1, 0]
        assert list(flow["bytes"]) == [2000, 0]
        assert list(flow["fragments"]) == [3, 0]
        assert list(flow["fragment_overlaps"]) == [0, 0]
        assert found.captures[0].undecoded == {}


def test_the_stream_s_beginning_is_read_from_the_parts() -> None:
    whole = one([REQUEST.frame()])
    joined = one(fragments(REQUEST.frame(), 7, [64, 8, 1000]))
    assert joined["prefix"].tolist() == whole["prefix"].tolist()


def test_a_header_in_several_fragments() -> None:
    syn = Packet(0, SYN, 100, options=bytes([2, 4, 5, 180]))
    flow = one(fragments(syn.frame(), 7, [8, 8]))
    assert (flow["isn"][0], flow["mss"][0], flow["syn_count"]) == (100, 1460, 1)


def test_what_is_missing_stays_a_fragment() -> None:
    parts = fragments(REQUEST.frame(), 7, [1000, 520])
    found = seen([parts[0], parts[2]])
    assert len(found.flows) == 0
    assert found.captures[0].undecoded == {"fragment": 2}


def test_overlaps_are_noted_and_the_lower_offset_wins() -> None:
    frame = REQUEST.frame()
    packet = frame[LINK:]
    link, header, payload = frame[:LINK], packet[:IPV4_HEADER], packet[IPV4_HEADER:]
    other = b"\xff" * 16
    parts = [
        link + fragment(header, 7, 8, other, True),
        link + fragment(header, 7, 0, payload[:24], True),
        link + fragment(header, 7, 24, payload[24:], False),
    ]
    flow = one(parts)
    assert (flow["packets"][0], flow["bytes"][0], flow["fragment_overlaps"][0]) == (1, 2000, 1)


def test_an_old_part_is_no_part_of_a_new_datagram() -> None:
    parts = fragments(REQUEST.frame(), 7, [1000])
    assert len(seen(parts, apart_ms=59_000).flows) == 1
    assert len(seen(parts, apart_ms=61_000).flows) == 0


def test_a_flood_of_parts_is_bounded() -> None:
    frame = REQUEST.frame()
    flood = [fragments(frame, number, [1000])[0] for number in range(1, 4 * DATAGRAMS)]
    assert len(one([*flood, *fragments(frame, 0, [1000])])["packets"]) == 2
    holes = fragments(frame, 7, [8] * 200)[::2]
    assert len(seen([*holes, *fragments(frame, 9, [1000])]).flows) == 1


def test_a_cut_first_fragment_counts_without_its_payload() -> None:
    first = fragments(REQUEST.frame(), 7, [1000])[0]
    (flow,) = read_traffic([Frames([(0, first, 60, 0)])], compiled=False).flows.records
    assert (flow["packets"][0], flow["bytes"][0]) == (1, 0)


def shuffled_fragments(seed: int) -> list[tuple[float, bytes]]:
    """Return traffic whose packets came in fragments: some lost, repeated, out of order."""
    choose = random.Random(seed)
    frames = []
    for number, packet in enumerate(traffic(seed, connections=6)):
        parts = [packet.frame()]
        if choose.random() < 0.5:
            sizes = [8 * choose.randrange(1, 80) for _ in range(choose.randrange(1, 5))]
            parts = fragments(packet.frame(), number, sizes)
            if choose.random() < 0.3:
                choose.shuffle(parts)
            if choose.random() < 0.1:
                parts.pop()
            if parts and choose.random() < 0.1:
                parts.append(choose.choice(parts))
        frames += [(packet.at_ms, part) for part in parts]
    return frames


@pytest.mark.tshark
@pytest.mark.parametrize("seed", range(3))
def test_fragmented_traffic_is_tshark_s(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "fragments.pcap"
    write_frames(path, shuffled_fragments(seed))
    found = compare(path, EVERYTHING, compiled=False)
    assert found.flows > 5
    assert found.differing == {}


def test_compiled_is_the_same() -> None:
    frames = [frame for packet in dialogue() for frame in fragments(packet.frame(), 3, [8, 16])]
    frames += [frame for _, frame in shuffled_fragments(1)]
    assert differing(seen(frames), seen(frames, compiled=True)) == []


def test_ip_version_6() -> None:
    ends = ("2001:db8::1", 40000, "2001:db8::2", 25)
    packet = Packet(0, PSH | ACK, 101, 501, bytes(2000), ends=ends)
    flow = one(fragments(packet.frame(), 0x12345678, [1000, 8]))
    assert (flow["packets"][0], flow["bytes"][0], flow["fragments"][0]) == (1, 2000, 3)
