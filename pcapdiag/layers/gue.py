"""IP in UDP as Linux and load balancers send it: FOU and GUE.

Source: draft-ietf-intarea-gue 3; Linux Documentation/networking: fou.  No port says which of both
it is, and other protocols use the same ports: only a packet that fits exactly is taken.

    GUE version 0
    0  version (2 bits), control (1 bit), length of the optional part in words (5 bits)
    1  IP protocol
    2  flags
    FOU, GUE version 1: the IP packet itself
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.octets import Octets, u8, u16
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter

HEADER: Final = 4
WORDS: Final = 0x1F


@kernel
def gue(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Find the IP packet that fills the rest exactly."""
    kind = tunnel.FOU
    number = whole_packet(data, at, end, packet["wire_end"])
    if number == layer.STOP and at + HEADER <= end and u8(data, at) <= WORDS:
        protocol = u8(data, at + 1)
        at += HEADER + (u8(data, at) & WORDS) * 4
        kind = tunnel.GUE
        number = whole_packet(data, at, end, packet["wire_end"])
        if protocol != (4 if number == layer.IPV4 else 41):
            number = layer.STOP
    if number == layer.STOP:
        return stop(packet, reasons.PROTOCOLS + 17)
    enter(packet, kind, -1)
    packet["at"] = at
    return number


@kernel
def whole_packet(data: Octets, at: int, end: int, wire_end: int) -> int:
    """Return the layer of the IP packet between an offset and the wire's end; STOP: there is none."""
    if at + 6 > end:
        return layer.STOP
    if 0x45 <= u8(data, at) < 0x50 and at + u16(data, at + 2) == wire_end:
        return layer.IPV4
    if u8(data, at) >> 4 == 6 and at + 40 + u16(data, at + 4) == wire_end:
        return layer.IPV6
    return layer.STOP
