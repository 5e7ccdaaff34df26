"""Geneve, with its options skipped (AWS load balancers of gateways use it).

Source: RFC 8926 3.4.

    0  version (2 bits), length of the options in words (6 bits)
    1  flags: 0x80 control packet
    2  ether type of the payload; 0x6558 Ethernet
    4  network id (3 octets), reserved
    8  options
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.numbers import announced_ethertype
from pcapdiag.layers.octets import Octets, u8, u16, u32
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter

HEADER: Final = 8


@kernel
def geneve(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read the network id and skip the options."""
    if at + HEADER > end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    first = u8(data, at)
    if first >> 6:
        return stop(packet, reasons.TUNNEL_MALFORMED)
    enter(packet, tunnel.GENEVE, u32(data, at + 4) >> 8)
    packet["at"] = at + HEADER + (first & 0x3F) * 4
    return announced_ethertype(u16(data, at + 2), packet)
