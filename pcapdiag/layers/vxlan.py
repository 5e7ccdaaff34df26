"""VXLAN and its extension for other payload (VXLAN-GPE).

Source: RFC 7348 5; draft-ietf-nvo3-vxlan-gpe 3.

    0  flags: 0x08 network id is valid; GPE: 0x04 next protocol is
    1  reserved, or group policy
    3  GPE: next protocol, 1 IPv4, 2 IPv6, 3 Ethernet, 4 NSH, 5 MPLS
    4  network id (3 octets), reserved
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.octets import Octets, u8, u32
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter
from pcapdiag.layers.udp import VXLAN_GPE_PORT

HEADER: Final = 8
IP4, IP6, FRAME, SERVICE_HEADER, LABELS = 1, 2, 3, 4, 5


@kernel
def vxlan(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read the network id."""
    if at + HEADER > end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    number = u32(data, at + 4) >> 8
    packet["at"] = at + HEADER
    if packet["announced"] != VXLAN_GPE_PORT:
        enter(packet, tunnel.VXLAN, number)
        return layer.ETHERNET
    enter(packet, tunnel.VXLAN_GPE, number)
    return layer_of_next(u8(data, at + 3), packet)


@kernel
def layer_of_next(number: int, packet: Packet) -> int:
    """Return the layer of a next-protocol number, which NSH shares."""
    if number == IP4:
        return layer.IPV4
    if number == IP6:
        return layer.IPV6
    if number == FRAME:
        return layer.ETHERNET
    if number == SERVICE_HEADER:
        return layer.NSH
    if number == LABELS:
        return layer.MPLS
    return stop(packet, reasons.TUNNEL_OTHER)
