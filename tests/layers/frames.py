"""Packets written as commented hex, and what the layers say of them."""

from dataclasses import dataclass
from typing import Any, Final

from pcapdiag.layers import reasons
from pcapdiag.layers.dispatch import decode
from pcapdiag.layers.packet import Packet, plain_packet, start

ETHERNET: Final = 1


def octets(text: str) -> bytes:
    """Return the octets of lines like ``08 00  # IPv4``."""
    return bytes.fromhex("".join(line.split("#")[0] for line in text.splitlines()))


@dataclass(frozen=True)
class Decoded:
    """How far a packet could be read."""

    outcome: int
    packet: Packet

    def __getitem__(self, name: str) -> Any:
        return self.packet[name]

    @property
    def reason(self) -> str:
        return reasons.words(self.packet["reason"])


def place(packet: Packet, frame: bytes, wire: int | None = None) -> None:
    """Say where a frame lies that begins at offset 0."""
    start(packet)
    packet["at"] = 0
    packet["end"] = len(frame)
    packet["wire_end"] = len(frame) if wire is None else wire


def decoded(frame: bytes, link_type: int = ETHERNET, wire: int | None = None) -> Decoded:
    """Return what the layers find in a frame; `wire` is its length before it was cut."""
    packet = plain_packet()
    place(packet, frame, wire)
    return Decoded(decode(link_type, memoryview(frame), packet), packet)


IPV4: Final = octets("""
    45 00 00 2c              # version 4, 5 words; total length 44
    12 34 40 00              # identification, don't fragment
    3f 06 00 00              # TTL 63, TCP
    c6 33 64 07 cb 00 71 0a  # 198.51.100.7 to 203.0.113.10
""")
TCP: Final = octets("""
    80 00 00 19              # ports 32768 to 25
    00 00 10 00 00 00 20 00  # sequence number 4096, acknowledgement 8192
    50 18 fa f0              # 5 words, PSH ACK, window 64240
    00 00 00 00              # checksum, urgent pointer
    45 48 4c 4f              # EHLO
""")
MACS: Final = octets("""
    02 00 5e 00 00 02        # to
    02 00 5e 00 00 01        # from
""")
PACKET: Final = MACS + octets("08 00") + IPV4 + TCP
