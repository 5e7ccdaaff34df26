"""The same packets in another wrapping: tunnels around them, or trailers of an F5 BIG-IP behind them.

Ethernet (IEEE 802.3), IPv4 (RFC 791), VXLAN (RFC 7348), GRE (RFC 2784, RFC 2890), GTP-U (3GPP TS 29.281);
the trailers' old layout (low, medium and high noise) as Wireshark 4.0 reads it.
"""

import json
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from struct import Struct
from typing import Final

Wrapping = Callable[[bytes], bytes]
"""From a frame to the frame that is captured in its place."""
End = tuple[bytes, bytes]
"""Address and port as they stand in a packet."""

HEAD: Final = Struct("<IIII")
FRAME_HEADER, IP_HEADER = 14, 20
OUTER_MACS: Final = bytes.fromhex("02005e0000f1 02005e0000f2 0800")
OUTER_ENDS: Final = bytes([192, 0, 2, 1, 192, 0, 2, 2])
IP: Final = Struct("!BBHHHBBH8s")
UDP: Final = Struct("!HHHH")
VXLAN: Final = bytes.fromhex("0800000000002a00")
GRE: Final = bytes.fromhex("200008000000002a")
GTP: Final = Struct("!BBHI")
MAPPED: Final = bytes(10) + b"\xff\xff"


def _outer(protocol: int, body: bytes) -> bytes:
    """Put Ethernet and IPv4 before an IP payload; the checksum is left to the network card."""
    total = IP_HEADER + len(body)
    return OUTER_MACS + IP.pack(0x45, 0, total, 0, 0x4000, 64, protocol, 0, OUTER_ENDS) + body


def _udp(source: int, destination: int, body: bytes) -> bytes:
    return _outer(17, UDP.pack(source, destination, 8 + len(body), 0) + body)


def vxlan(frame: bytes) -> bytes:
    """Carry the frame with VNI 42; the source port is made of the inner addresses."""
    entropy = 0xC000 | (sum(frame[26:38]) & 0x3FFF)
    return _udp(entropy, 4789, VXLAN + frame)


def gre(frame: bytes) -> bytes:
    """Carry the IP packet with key 42."""
    return _outer(47, GRE + frame[FRAME_HEADER:])


def gtp_u(frame: bytes) -> bytes:
    """Carry the IP packet as user data of tunnel end point 42."""
    packet = frame[FRAME_HEADER:]
    return _udp(2152, 2152, GTP.pack(0x30, 255, len(packet), 42) + packet)


class F5Trailers:
    """Trailers that name the virtual server, both flows and the other leg, as the truth has them."""

    def __init__(self, truth: Path) -> None:
        document = json.loads(truth.read_text(encoding="utf-8"))
        self._of_ends = dict[bytes, bytes]()
        for number, connection in enumerate(document["connections"], 1):
            front, (back,) = connection["front"], connection["backs"]
            flows = 2 * number, 2 * number + 1
            client, vip = _end(front["src"]), _end(front["dst"])
            own, server = _end(back["src"]), _end(back["dst"])
            self._add((client, vip), _trailer(flows, remote=server, local=own))
            self._add((own, server), _trailer(flows[::-1], remote=client, local=vip))

    def _add(self, ends: tuple[End, End], trailer: bytes) -> None:
        self._of_ends[_key(*ends)] = self._of_ends[_key(*ends[::-1])] = trailer

    def __call__(self, frame: bytes) -> bytes:
        """Put the trailer of its connection behind a frame."""
        return frame + self._of_ends[frame[26:38]]


def _end(text: str) -> End:
    address, port = text.rsplit(":", 1)
    return IPv4Address(address).packed, int(port).to_bytes(2, "big")


def _key(source: End, destination: End) -> bytes:
    """Return the octets that a packet between these ends has from its source address on."""
    return source[0] + destination[0] + source[1] + destination[1]


def _trailer(flows: tuple[int, int], remote: End, local: End) -> bytes:
    """Return a trailer of this flow and its peer flow, of which the ends are given."""
    name = b"/Common/bench"
    low = bytes([1, 0, 3, len(name)]) + name
    medium = b"".join(flow.to_bytes(8, "big") for flow in flows) + bytes(16)
    high = b"\x06\x0f\xfd" + MAPPED + remote[0] + MAPPED + local[0] + remote[1] + local[1]
    blocks = ((1, 1, low), (2, 3, medium), (3, 0, high))
    return b"".join(bytes([kind, len(body) + 1, version]) + body for kind, version, body in blocks)


def wrap(source: Path, target: Path, wrapping: Wrapping) -> None:
    """Write a capture with every frame of a pcap of ours wrapped."""
    with source.open("rb") as plain, target.open("wb") as out:
        out.write(plain.read(24))
        while head := plain.read(HEAD.size):
            second, fraction, captured, _ = HEAD.unpack(head)
            frame = wrapping(plain.read(captured))
            out.write(HEAD.pack(second, fraction, len(frame), len(frame)) + frame)
