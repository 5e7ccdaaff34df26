"""One packet in every encapsulation that is read: what the tests of the layers and tshark agree on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from struct import pack
from typing import Final

from tests.layers.frames import ETHERNET, IPV4, MACS, TCP, octets
from tests.layers.test_ipv6 import IPV6

RAW: Final = 101
OUTER: Final = {
    4: bytes([192, 0, 2, 1, 192, 0, 2, 2]),
    6: bytes.fromhex("20010db8" + "00" * 11 + "01") * 2,
}
"""Source and destination of outer headers."""
INNER: Final = {4: IPV4 + TCP, 6: IPV6 + TCP}
TYPES: Final = {4: b"\x08\x00", 6: b"\x86\xdd"}
PPP_TYPES: Final = {4: b"\x00\x21", 6: b"\x00\x57"}
INNER_MACS: Final = octets("02 00 5e 00 00 04  02 00 5e 00 00 03")

Wrap = Callable[[bytes], bytes]


def ip(version: int, protocol: int, payload: bytes) -> bytes:
    """Return an outer IP packet."""
    if version == 4:
        head = pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 7, 0, 64, protocol, 0)
    else:
        head = pack("!IHBB", 0x60000000, len(payload), protocol, 64)
    return head + OUTER[version] + payload


def udp(port: int, payload: bytes, source: int = 50_000) -> bytes:
    """Return a datagram to a port."""
    return pack("!HHHH", source, port, 8 + len(payload), 0) + payload


def ethernet(version: int, payload: bytes) -> bytes:
    """Return an outer frame that carries IP."""
    return MACS + TYPES[version] + payload


def frame(version: int) -> bytes:
    """Return the inner packet as an Ethernet frame."""
    return INNER_MACS + TYPES[version] + INNER[version]


def tagged(version: int) -> bytes:
    """Return the inner packet in a frame with a VLAN tag."""
    return INNER_MACS + b"\x81\x00\x00\x2a" + TYPES[version] + INNER[version]


@dataclass(frozen=True)
class Stack:
    """One packet."""

    name: str
    data: bytes
    version: int
    """Of the inner IP header."""
    tunnel: str = ""
    number: int = -1
    outer: int = 0
    """IP version of the outer header; 0: none."""
    link_type: int = ETHERNET
    behind: int = 0
    """Octets that follow the packet in the frame and are none of it."""


def in_udp(outer: int, inner: int) -> Iterator[Stack]:
    def stack(name: str, port: int, payload: bytes, tunnel: str, number: int) -> Stack:
        data = ethernet(outer, ip(outer, 17, udp(port, payload)))
        return Stack(f"{name} {outer} {inner}", data, inner, tunnel, number, outer)

    kind, whole, packet = TYPES[inner], frame(inner), INNER[inner]
    yield stack("vxlan", 4789, octets("08 00 00 00 00 12 34 00") + whole, "vxlan", 0x1234)
    yield stack(
        "vxlan tagged", 4789, octets("08 00 00 00 00 12 34 00") + tagged(inner), "vxlan", 0x1234
    )
    gpe = bytes([12, 0, 0, 1 if inner == 4 else 2]) + octets("00 00 07 00")
    yield stack("vxlan-gpe", 4790, gpe + packet, "vxlan-gpe", 7)
    yield stack("vxlan-gpe frame", 4790, octets("0c 00 00 03 00 00 07 00") + whole, "vxlan-gpe", 7)
    service = octets("0f c2 02 03 00 00 2a ff") + whole
    yield stack("nsh", 4790, octets("0c 00 00 04 00 00 07 00") + service, "nsh", 42)
    option = octets("01 02 03 01 00 00 00 09")
    yield stack("geneve", 6081, b"\0\0" + kind + octets("00 00 05 00") + packet, "geneve", 5)
    yield stack(
        "geneve options", 6081, octets("02 40 65 58 00 00 05 00") + option + whole, "geneve", 5
    )
    length = pack("!H", len(packet))
    yield stack("gtp", 2152, b"\x30\xff" + length + octets("00 00 01 02") + packet, "gtp-u", 0x102)
    longer = pack("!H", len(packet) + 4)
    optional = octets("00 00 01 02 00 01 00 00")
    yield stack("gtp sequence", 2152, b"\x32\xff" + longer + optional + packet, "gtp-u", 0x102)
    longer = pack("!H", len(packet) + 8)
    extended = octets("00 00 01 02 00 00 00 85 01 10 01 00")
    yield stack("gtp extended", 2152, b"\x34\xff" + longer + extended + packet, "gtp-u", 0x102)
    yield stack(
        "l2tp", 1701, octets("00 02 00 05 00 06 ff 03") + PPP_TYPES[inner] + packet, "l2tp", 0x50006
    )
    size = pack("!H", 16 + 2 + len(packet))
    long = b"\x4a\x02" + size + octets("00 05 00 06 00 00 00 00 00 02 ee ee")
    yield stack("l2tp all", 1701, long + PPP_TYPES[inner] + packet, "l2tp", 0x50006)
    yield stack("gre in udp", 4754, b"\0\0" + kind + packet, "gre", -1)
    yield stack("mpls in udp", 6635, octets("00 01 01 40") + packet, "mpls", 16)
    yield stack("lisp", 4341, octets("08 00 00 00 00 00 0a 00") + packet, "lisp", 10)
    yield stack("tzsp", 37008, octets("01 00 00 01 0a 01 c5 01") + whole, "tzsp", -1)
    if inner == 6:
        yield stack("teredo", 3544, packet, "teredo", -1)
        yield stack("teredo origin", 3544, octets("00 00 ee ee c0 00 02 01") + packet, "teredo", -1)
        proof = octets("00 01 00 00 01 02 03 04 05 06 07 08 00 00 00 ee ee c0 00 02 01")
        yield stack("teredo proof", 3544, proof + packet, "teredo", -1)


def in_ip(outer: int, inner: int) -> Iterator[Stack]:
    def stack(name: str, protocol: int, payload: bytes, tunnel: str, number: int = -1) -> Stack:
        data = ethernet(outer, ip(outer, protocol, payload))
        return Stack(f"{name} {outer} {inner}", data, inner, tunnel, number, outer)

    kind, whole, packet = TYPES[inner], frame(inner), INNER[inner]
    word = {(4, 4): "ipip", (4, 6): "6in4", (6, 4): "4in6", (6, 6): "6in6"}[outer, inner]
    yield stack("ip", 4 if inner == 4 else 41, packet, word)
    optional = {
        0x8000: octets("12 34 00 00"),
        0x2000: octets("00 00 00 2a"),
        0x1000: octets("00 00 00 01"),
    }
    for chosen in range(8):
        flags = [flag for bit, flag in enumerate(optional) if chosen >> bit & 1]
        head = pack("!H", sum(flags)) + kind + b"".join(optional[flag] for flag in flags)
        key = 42 if 0x2000 in flags else -1
        yield stack(f"gre {sum(flags):04x}", 47, head + packet, "gre", key)
    route = octets("08 00 04 04 c0 00 02 09  00 00 00 00")
    yield stack("gre routing", 47, b"\x40\x00" + kind + bytes(4) + route + packet, "gre")
    yield stack("gre bridge", 47, octets("20 00 65 58 00 12 34 07") + whole, "gre", 0x123407)
    yield stack("gre mpls", 47, octets("00 00 88 47 00 03 e1 40") + packet, "mpls", 62)
    pptp = octets("30 81 88 0b") + pack("!HH", len(packet) + 2, 9) + bytes(8)
    yield stack("pptp", 47, pptp + PPP_TYPES[inner] + packet, "gre", 9)
    yield stack("pptp short", 47, pptp + PPP_TYPES[inner][1:] + packet, "gre", 9)
    yield stack(
        "eoip", 47, octets("20 01 64 00") + pack("!H", len(whole)) + b"\x07\0" + whole, "eoip", 7
    )
    yield stack("erspan 1", 47, octets("00 00 88 be") + whole, "erspan")
    two = octets("10 00 88 be 00 00 00 01  10 05 08 2a 00 00 00 01")
    yield stack("erspan 2", 47, two + whole, "erspan", 42)
    three = octets("10 00 22 eb 00 00 00 01  20 05 08 2a 00 00 00 01 00 00")
    yield stack("erspan 3", 47, three + b"\x80\x00" + whole, "erspan", 42)
    yield stack("erspan 3 long", 47, three + b"\x80\x01" + bytes(8) + whole, "erspan", 42)
    yield stack("mpls in ip", 137, octets("00 01 01 40") + packet, "mpls", 16)
    yield stack("etherip", 97, b"\x30\x00" + whole, "etherip")
    proof = bytes([4 if inner == 4 else 41, 4]) + bytes(22)
    # In IPv6 the header is one of the extensions.
    yield stack("authentication", 51, proof + packet, word)


def on_ethernet(inner: int) -> Iterator[Stack]:
    def stack(name: str, data: bytes, tunnel: str = "", number: int = -1, behind: int = 0) -> Stack:
        return Stack(f"{name} {inner}", MACS + data, inner, tunnel, number, behind=behind)

    kind, whole, packet = TYPES[inner], frame(inner), INNER[inner]
    yield stack("802.1ad", octets("88 a8 00 05 81 00 00 06") + kind + packet)
    yield stack("mpls", octets("88 47 00 01 00 40 00 01 11 40") + packet, "mpls", 17)
    # Without a control word tshark wants addresses of makers that it knows.
    known = octets("00 50 56 00 00 04  00 50 56 00 00 03") + kind + packet
    yield stack("mpls frame", octets("88 47 00 01 11 40") + known, "mpls", 17)
    yield stack("mpls control word", octets("88 47 00 01 11 40 00 00 00 01") + whole, "mpls", 17)
    session = octets("88 64 11 00 00 09") + pack("!H", len(packet) + 2)
    yield stack("pppoe", session + PPP_TYPES[inner] + packet, "pppoe", 9)
    yield stack("pppoe tagged", b"\x81\0\0\x05" + session + PPP_TYPES[inner] + packet, "pppoe", 9)
    yield stack("802.1br", octets("89 3f 00 00 10 05 00 00") + kind + packet)
    yield stack("vn-tag", octets("89 26 80 00 00 05") + kind + packet)
    yield stack("hsr", octets("89 2f 00 34 00 07") + kind + packet)
    yield stack("802.1ah", octets("88 e7 00 00 00 2a") + whole, "pbb", 42)
    yield stack("nsh", octets("89 4f 0f c6 01") + bytes([1 if inner == 4 else 2]) + octets(
        "00 00 2a ff" + "00" * 16) + packet, "nsh", 42)  # fmt: skip
    yield stack("trill", octets("22 f3 00 3f 00 01 00 02") + whole, "trill")
    yield stack("bridge", octets("65 58") + whole)
    yield stack("macsec", octets("88 e5 00 00 00 00 00 01") + kind + packet + bytes(16), behind=16)
    channel = octets("88 e5 20 00 00 00 00 01 02 00 5e 00 00 01 00 01")
    yield stack("macsec channel", channel + kind + packet + bytes(16), behind=16)
    snap = octets("aa aa 03 00 00 00") + kind + packet
    yield stack("snap", pack("!H", len(snap)) + snap)


def on_other_links(inner: int) -> Iterator[Stack]:
    def stack(name: str, link_type: int, data: bytes, tunnel: str = "", number: int = -1) -> Stack:
        return Stack(f"{name} {inner}", data, inner, tunnel, number, 0, link_type)

    kind, short, packet = TYPES[inner], PPP_TYPES[inner], INNER[inner]
    yield stack("raw", RAW, packet)
    yield stack("null", 0, bytes([2 if inner == 4 else 30, 0, 0, 0]) + packet)
    yield stack("loop", 108, bytes([0, 0, 0, 2 if inner == 4 else 24]) + packet)
    cooked = octets("00 00 00 01 00 06 02 00 5e 00 00 01 00 00")
    yield stack("cooked", 113, cooked + kind + packet)
    yield stack("cooked frame", 113, cooked + b"\0\x03" + frame(inner))
    newer = octets("00 00 00 00 00 02 00 01 00 06 02 00 5e 00 00 01 00 00")
    yield stack("cooked 2", 276, kind + newer + packet)
    yield stack("ppp", 9, octets("ff 03") + short + packet)
    yield stack("ppp without address", 9, short + packet)
    yield stack("ppp serial", 50, octets("ff 03") + short + packet)
    yield stack("ppp mpls", 50, octets("ff 03 02 81 00 01 11 40") + packet, "mpls", 17)
    yield stack("ppp or cisco", 50, octets("0f 00") + kind + packet)
    session = octets("11 00 00 09") + pack("!H", len(packet) + 2)
    yield stack("pppoe link", 51, session + short + packet, "pppoe", 9)
    yield stack("cisco", 104, octets("8f 00") + kind + packet)
    yield stack(
        "frame relay", 107, octets("18 41 03") + bytes([0xCC if inner == 4 else 0x8E]) + packet
    )
    yield stack("frame relay snap", 107, octets("18 41 03 00 80 00 00 00") + kind + packet)
    yield stack("frame relay cisco", 107, octets("18 41") + kind + packet)
    logical = octets("aa aa 03 00 00 00") + kind + packet
    yield stack("fddi", 10, b"\x50" + MACS + logical)
    air = octets("08 02 00 00") + MACS + MACS[:6] + b"\x10\x00"
    yield stack("802.11", 105, air + logical)
    quality = octets("88 02 00 00") + MACS + MACS[:6] + octets("10 00 00 00")
    yield stack("802.11 qos", 105, quality + logical)
    yield stack("radiotap", 127, octets("00 00 08 00 00 00 00 00") + air + logical)
    yield stack("ppi", 192, octets("00 00 08 00 01 00 00 00") + MACS + kind + packet)
    log = bytes([2 if inner == 4 else 10, 0, 0, 0]) + octets("08 00 01 00 08 00 01 00")
    yield stack("nflog", 239, log + pack("<HH", 4 + len(packet), 9) + packet)
    yield stack("juniper", 178, octets("4d 47 43 80 00 02 01 00") + MACS + kind + packet)


def nested() -> Iterator[Stack]:
    vxlan = octets("08 00 00 00 00 12 34 00")
    deep = frame(4)
    for outer in (4, 6, 4, 6):
        deep = ethernet(outer, ip(outer, 17, udp(4789, vxlan + deep)))
    yield Stack("vxlan, four times", deep, 4, "vxlan", 0x1234, 4)
    mirrored = ethernet(4, ip(4, 4, INNER[4]))
    data = ethernet(6, ip(6, 17, udp(4789, vxlan + mirrored)))
    yield Stack("ipip in a mirror's vxlan", data, 4, "ipip", -1, 4)
    data = ethernet(4, ip(4, 17, udp(6081, octets("00 00 08 00 00 00 05 00") + ip(4, 47, octets(
        "00 00 86 dd") + INNER[6]))))  # fmt: skip
    yield Stack("gre in geneve", data, 6, "gre", -1, 4)


def unknown_to_tshark() -> Iterator[Stack]:
    """Yield what load balancers send and tshark leaves alone, and a link type."""
    yield Stack("mpls link", octets("00 01 11 40") + INNER[4], 4, "mpls", 17, 0, 219)
    for outer in (4, 6):
        for inner in (4, 6):
            packet = INNER[inner]
            for name, port, payload, word, number in (
                ("fou", 5555, packet, "fou", -1),
                ("gue 1", 6080, packet, "fou", -1),
                ("gue 0", 6080, bytes([0, 4 if inner == 4 else 41, 0, 0]) + packet, "gue", -1),
                (
                    "gue options",
                    6080,
                    bytes([1, 4 if inner == 4 else 41]) + bytes(6) + packet,
                    "gue",
                    -1,
                ),
                (
                    "vxlan of Linux",
                    8472,
                    octets("08 00 00 00 00 12 34 00") + frame(inner),
                    "vxlan",
                    0x1234,
                ),
            ):
                data = ethernet(outer, ip(outer, 17, udp(port, payload)))
                yield Stack(f"{name} {outer} {inner}", data, inner, word, number, outer)
            for name, between, whole in (
                ("l2tpv3", 0, frame(inner)),
                ("l2tpv3 cookie", 4, frame(inner)),
                ("l2tpv3 long cookie", 8, tagged(inner)),
                ("l2tpv3 all", 12, frame(inner)),
            ):
                body = octets("00 00 00 09") + bytes(between) + whole
                data = ethernet(outer, ip(outer, 115, body))
                yield Stack(f"{name} {outer} {inner}", data, inner, "l2tpv3", 9, outer)
                body = octets("00 03 00 00") + body
                data = ethernet(outer, ip(outer, 17, udp(1701, body)))
                yield Stack(f"{name} udp {outer} {inner}", data, inner, "l2tpv3", 9, outer)


def known_to_tshark() -> Iterator[Stack]:
    for inner in (4, 6):
        for outer in (4, 6):
            yield from in_udp(outer, inner)
            yield from in_ip(outer, inner)
        yield from on_ethernet(inner)
        yield from on_other_links(inner)
    yield from nested()


KNOWN: Final = tuple(known_to_tshark())
ALL: Final = (*KNOWN, *unknown_to_tshark())
