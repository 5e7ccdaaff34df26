"""ARP for IPv4 over Ethernet.

Source: RFC 826; IANA ARP parameters.

    0  hardware type, 1 Ethernet
    2  protocol type, 0x0800
    4  hardware address length, 6; 5 protocol address length, 4
    6  operation: 1 request, 2 reply
    8  sender MAC, 14 sender address
    18 target MAC, 24 target address
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.octets import Octets, u16, u32, u48
from pcapdiag.layers.packet import Packet, stop

MESSAGE: Final = 28
REQUEST: Final = 0
REPLY: Final = 1
"""Indexes into events.NEIGHBOR_KINDS."""


@kernel
def arp(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read who asks for whom, or who answers."""
    if at + 8 > end:
        return stop(packet, reasons.ARP_TRUNCATED)
    operation = u16(data, at + 6)
    ipv4_on_ethernet = u16(data, at + 2) == 0x0800 and u16(data, at + 4) == 0x0604
    if not ipv4_on_ethernet or operation < 1 or operation > 2:
        return stop(packet, reasons.ARP_OTHER)
    if at + MESSAGE > end:
        return stop(packet, reasons.ARP_TRUNCATED)
    packet["ip_version"] = 4
    packet["neighbor_kind"] = REQUEST if operation == 1 else REPLY
    packet["sender_mac"] = u48(data, at + 8)
    target_mac = u48(data, at + 18)
    # A request does not know the target's MAC: zeros stand for that.
    packet["target_mac"] = target_mac if target_mac != 0 else -1
    sender = packet["sender"]
    target = packet["target"]
    sender[0] = u32(data, at + 14)
    target[0] = u32(data, at + 24)
    for word in range(1, 4):
        sender[word] = 0
        target[word] = 0
    return layer.DONE_NEIGHBOR
