"""Teredo: IPv6 for hosts behind IPv4 NAT.

Source: RFC 4380 5.1.1.

    0  0x0001 authentication: 2 length of the client's id, 3 length of the authentication value,
       both, 8 octets nonce, 1 confirmation
    0  0x0000 origin: 2 port, 4 address
    0  an IPv6 packet
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.octets import Octets, u8, u16
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter

ORIGIN_SIZE: Final = 8
AUTHENTICATION_SIZE: Final = 13
ORIGIN, AUTHENTICATION = 0, 1


@kernel
def teredo(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Skip the indications before the packet."""
    if at + 4 <= end and u16(data, at) == AUTHENTICATION:
        at += AUTHENTICATION_SIZE + u8(data, at + 2) + u8(data, at + 3)
    if at + 2 <= end and u16(data, at) == ORIGIN:
        at += ORIGIN_SIZE
    if at >= end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    if u8(data, at) >> 4 != 6:
        return stop(packet, reasons.TUNNEL_OTHER)
    enter(packet, tunnel.TEREDO, -1)
    packet["at"] = at
    return layer.IPV6
