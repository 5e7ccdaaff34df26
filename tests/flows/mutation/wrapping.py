"""Packets in tunnels, behind tags, in fragments, on other link layers."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from struct import pack
from typing import Final

from tests.flows.mutation.frames import ETHERNET, Frame, Strange, find_ip
from tests.layers.frames import octets
from tests.layers.stacks import PPP_TYPES, TYPES, ip, udp

MACS: Final = octets("00 50 56 00 00 04  00 50 56 00 00 03")
PATCH: Final = 1500

Wrap = Callable[[random.Random, bytes, int], tuple[bytes, int]]
"""Puts an IP packet (or frame) of a version into another; returns it with its version."""


def packet_of(link_type: int, frame: Frame) -> bytes:
    """Return the IP packet of a frame, and what follows it; b"": none is found, or it was cut."""
    at = find_ip(link_type, frame.data)
    return frame.data[at:] if at >= 0 and frame.wire == len(frame.data) else b""


def whole(packet: bytes, version: int) -> bytes:
    """Return a packet as an Ethernet frame."""
    return MACS + TYPES[version] + packet


def in_udp(choose: random.Random, packet: bytes, version: int) -> tuple[bytes, int]:
    """Put a packet into VXLAN, Geneve, GTP-U, GRE in UDP, MPLS in UDP, Teredo or LISP."""
    outer = choose.choice((4, 4, 6))
    number = pack("!I", choose.choice((1, 2, 3)) << 8)
    carried = {
        4789: b"\x08\0\0\0" + number + whole(packet, version),
        4790: bytes([12, 0, 0, 1 if version == 4 else 2]) + number + packet,
        6081: b"\0\0" + TYPES[version] + number + packet,
        2152: b"\x30\xff" + pack("!H", len(packet)) + number + packet,
        4754: b"\0\0" + TYPES[version] + packet,
        6635: octets("00 01 01 40") + packet,
        4341: octets("08 00 00 00") + number + packet,
    }
    port = choose.choice(sorted(carried))
    source = choose.choice((50_000, 50_000, port, 53))
    return ip(outer, 17, udp(port, carried[port], source)), outer


def in_ip(choose: random.Random, packet: bytes, version: int) -> tuple[bytes, int]:
    """Put a packet into IP, GRE of some kind, MPLS, EtherIP."""
    outer = choose.choice((4, 4, 6))
    kind, frame = TYPES[version], whole(packet, version)
    key = pack("!I", choose.choice((1, 2)))
    protocol, payload = choose.choice(
        (
            (4 if version == 4 else 41, packet),
            (47, b"\0\0" + kind + packet),
            (47, b"\x20\0" + kind + key + packet),
            (47, b"\xb0\0" + kind + bytes(4) + key + key + packet),
            (47, b"\x20\0\x65\x58" + key + frame),
            (47, octets("30 81 88 0b") + pack("!HHQ", len(packet) + 2, 9, 0) + PPP_TYPES[version] + packet),
            (47, octets("00 00 88 be") + frame),
            (47, octets("10 00 88 be 00 00 00 01  10 05 08 2a 00 00 00 01") + frame),
            (137, octets("00 01 01 40") + packet),
            (97, b"\x30\0" + frame),
        )
    )  # fmt: skip
    return ip(outer, protocol, payload), outer


def with_tags(choose: random.Random, packet: bytes, version: int) -> tuple[bytes, bytes]:
    """Return an ether type and what follows it: VLAN tags, MPLS labels, PPPoE, LLC or nothing."""
    kind, body = TYPES[version], packet
    what = choose.randrange(6)
    if what == 1:
        body = octets("11 00 00 09") + pack("!H", len(body) + 2) + PPP_TYPES[version] + body
        kind = b"\x88\x64"
    elif what == 2:
        labels = [
            pack("!I", choose.randrange(16, 99) << 12 | 64) for _ in range(choose.randrange(4))
        ]
        body = b"".join(labels) + pack("!I", choose.randrange(16, 99) << 12 | 0x140) + body
        kind = b"\x88\x47"
    elif what == 3:
        body = octets("aa aa 03 00 00 00") + kind + body
        kind = pack("!H", len(body)) if len(body) <= PATCH else TYPES[version]
        body = body if kind != TYPES[version] else packet
    for _ in range(choose.choice((0, 1, 2, 5))):
        tag = pack("!H", choose.randrange(1 << 16))
        # tshark reads no length behind a service tag.
        tags = (b"\x81\0", b"\x91\0") if kind < b"\x06\0" else (b"\x81\0", b"\x88\xa8", b"\x91\0")
        kind, body = choose.choice(tags), tag + kind + body
    return kind, body


def tunnels(choose: random.Random, capture: Strange) -> Strange:
    """Put packets into one to three tunnels, all into the same ones or each into its own."""
    alike = choose.random() < 0.7
    seed = choose.randrange(1 << 30)
    share = choose.choice((1.0, 1.0, 0.5))
    frames = []
    for frame in capture.frames:
        packet = packet_of(capture.link_type, frame)
        if not packet or choose.random() >= share:
            frames.append(frame)
            continue
        way = random.Random(seed) if alike else choose
        version = packet[0] >> 4
        for _ in range(way.randrange(1, 4)):
            packet, version = way.choice((in_udp, in_ip))(way, packet[:65_000], version)
        frames.append(wrapped(capture.link_type, frame, packet, version))
    return replace(capture, frames=frames)


def wrapped(link_type: int, frame: Frame, packet: bytes, version: int) -> Frame:
    """Return a frame of the same link layer with another IP packet."""
    head = MACS + TYPES[version] if link_type == ETHERNET else on_link(link_type, version)
    data = head + packet
    return Frame(frame.time_ns, data, len(data))


def tags(choose: random.Random, capture: Strange) -> Strange:
    """Put tags, labels, PPPoE or LLC between Ethernet and IP; some frames in another VLAN."""
    alike = choose.random() < 0.7
    seed = choose.randrange(1 << 30)
    frames = []
    for frame in capture.frames:
        packet = packet_of(capture.link_type, frame)
        if not packet:
            continue
        way = random.Random(seed) if alike else choose
        kind, body = with_tags(way, packet, packet[0] >> 4)
        frames.append(Frame(frame.time_ns, MACS + kind + body, 14 + len(body)))
    return Strange(ETHERNET, frames) if frames else capture


def on_link(link_type: int, version: int) -> bytes:
    """Return the header of a link layer."""
    kind = TYPES[version]
    return {
        0: bytes([2 if version == 4 else 30, 0, 0, 0]),
        9: octets("ff 03") + PPP_TYPES[version],
        12: b"",
        50: octets("ff 03") + PPP_TYPES[version],
        101: b"",
        104: octets("0f 00") + kind,
        107: octets("18 41 03") + bytes([0xCC if version == 4 else 0x8E]),
        108: bytes([0, 0, 0, 2 if version == 4 else 24]),
        113: octets("00 00 00 01 00 06 02 00 5e 00 00 01 00 00") + kind,
        228: b"",
        229: b"",
        276: kind + octets("00 00 00 00 00 02 00 01 00 06 02 00 5e 00 00 01 00 00"),
    }[link_type]


OTHER_LINKS: Final = (0, 9, 12, 50, 101, 104, 108, 113, 276)


def link(choose: random.Random, capture: Strange) -> Strange:
    """Carry the packets on another link layer."""
    link_type = choose.choice(OTHER_LINKS)
    frames = []
    for frame in capture.frames:
        packet = packet_of(capture.link_type, frame)
        if packet:
            data = on_link(link_type, packet[0] >> 4) + packet
            frames.append(Frame(frame.time_ns, data, len(data)))
    return Strange(link_type, frames) if frames else capture


def pieces(choose: random.Random, packet: bytes, number: int) -> Iterator[bytes]:
    """Yield the fragments of an IP packet, of sizes that are multiples of 8 octets."""
    version = packet[0] >> 4
    size = (packet[0] & 15) * 4 if version == 4 else 40
    header, payload = packet[:size], packet[size:]
    at = 0
    while at < len(payload):
        end = at + 8 * choose.choice((1, 2, 3, 10, 50, 100))
        part, more = payload[at:end], end < len(payload)
        if version == 4:
            field = at // 8 | (0x2000 if more else 0)
            yield (
                header[:2]
                + pack("!HHH", size + len(part), number & 0xFFFF, field)
                + header[8:]
                + part
            )
        else:
            extension = pack("!BBHI", header[6], 0, at | more, number)
            yield header[:4] + pack("!HB", 8 + len(part), 44) + header[7:] + extension + part
        at = end


def fragments(choose: random.Random, capture: Strange) -> Strange:
    """Cut packets into fragments: in order, reversed, mixed with others, some lost or repeated."""
    share = choose.choice((0.2, 1.0))
    order = choose.randrange(4)
    loss = choose.choice((0.0, 0.0, 0.1))
    repeated = choose.choice((0.0, 0.0, 0.1))
    number = choose.randrange(1 << 16)
    same_number = choose.random() < 0.2
    frames = []
    for frame in capture.frames:
        packet = packet_of(capture.link_type, frame)
        if not packet or choose.random() >= share:
            frames.append(frame)
            continue
        number += not same_number
        parts = [part for part in pieces(choose, packet, number) if choose.random() >= loss]
        parts += [part for part in parts if choose.random() < repeated]
        if order == 1:
            parts.reverse()
        elif order == 2:
            choose.shuffle(parts)
        made = [wrapped(capture.link_type, frame, part, part[0] >> 4) for part in parts]
        if order == 3 and frames:
            frames[-1:] = [*made[:1], frames[-1], *made[1:]]
        else:
            frames += made
    return replace(capture, frames=frames) if frames else capture


WRAPPING: Final = (tunnels, tags, link, fragments)
