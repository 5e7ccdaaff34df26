"""Frame Relay, as RFC 2427 and as Cisco encapsulate.

Source: RFC 2427 3 to 6; ITU-T Q.922 3.3; LINKTYPE_FRELAY (107).

    0  address of 2 to 4 octets; the last one is odd
    2  control: 0x03, then (0 as padding and) the network layer's id: 0xcc IPv4, 0x8e IPv6, 0xcf
       PPP, 0x80 SNAP; anything else: Cisco's ether type instead
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.numbers import announced_ethertype
from pcapdiag.layers.octets import Octets, u8, u16
from pcapdiag.layers.packet import Packet, stop

MOST_ADDRESS: Final = 4
UNNUMBERED: Final = 0x03
IP_ID, IP6_ID, PPP_ID, SNAP_ID = 0xCC, 0x8E, 0xCF, 0x80


@kernel
def frame_relay(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Skip the address and read what follows."""
    size = 1
    while size < MOST_ADDRESS and at + size <= end and u8(data, at + size - 1) & 1 == 0:
        size += 1
    if at + size + 2 > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    if u8(data, at + size - 1) & 1 == 0:
        return stop(packet, reasons.NOT_IP)
    at += size
    if u8(data, at) != UNNUMBERED:
        packet["at"] = at + 2
        return announced_ethertype(u16(data, at), packet)
    at += 1
    if u8(data, at) == 0:
        at += 1
    if at >= end:
        return stop(packet, reasons.LINK_TRUNCATED)
    network = u8(data, at)
    packet["at"] = at + 1
    if network == IP_ID:
        return layer.IPV4
    if network == IP6_ID:
        return layer.IPV6
    if network == PPP_ID:
        return layer.PPP
    if network != SNAP_ID:
        return stop(packet, reasons.TUNNEL_OTHER)
    if at + 6 > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    if u8(data, at + 1) or u16(data, at + 2):
        return stop(packet, reasons.SNAP_OTHER)
    packet["at"] = at + 6
    return announced_ethertype(u16(data, at + 4), packet)
