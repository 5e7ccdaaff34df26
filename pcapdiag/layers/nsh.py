"""Network service header: the path of a packet through a chain of services.

Source: RFC 8300 2.

    0  version (2 bits), O (0x20: no packet, a message between the services), TTL, length in words
       (the last 6 bits of these 2 octets)
    2  metadata type
    3  next protocol, as in VXLAN-GPE
    4  service path (3 octets), index
    8  metadata
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.octets import Octets, u8, u16, u32
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter
from pcapdiag.layers.vxlan import layer_of_next

HEADER: Final = 8


@kernel
def nsh(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read the service path and skip the metadata."""
    if at + HEADER > end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    size = (u16(data, at) & 0x3F) * 4
    if size < HEADER:
        return stop(packet, reasons.TUNNEL_MALFORMED)
    enter(packet, tunnel.NSH, u32(data, at + 4) >> 8)
    packet["at"] = at + size
    return layer_of_next(u8(data, at + 3), packet)
