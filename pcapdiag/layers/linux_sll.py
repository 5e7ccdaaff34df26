"""Linux cooked capture, version 1 (the device `any` of older tcpdump).

Source: tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html (113).

    0  packet type: 0 to us, 1 broadcast, 2 multicast, 3 to somebody else, 4 sent by us
    2  ARPHRD_ type of the device
    4  length of the sender's link-layer address
    6  the sender's address, 8 octets
    14 ether type (or, for some devices, something else)
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.numbers import layer_of_ethertype
from pcapdiag.layers.octets import Octets, u16, u48
from pcapdiag.layers.packet import Packet, stop

HEADER: Final = 16
BROADCAST: Final = 1
MULTICAST: Final = 2
MAC_LENGTH: Final = 6
ETHERNET_FRAME, LLC_FRAME, PPP_FRAME = 3, 4, 7
"""Ether types that stand for frames of other kinds."""


@kernel
def cooked(packet_type: int, address: int, length: int, packet: Packet) -> None:
    """Note what both versions say: direction, sender's address, broadcast or not."""
    if packet_type <= layer.SENT:
        packet["link_direction"] = packet_type
        # What we sent may have gone to anybody; the header does not say.
        if packet_type < layer.SENT:
            packet["broadcast"] = 1 if packet_type in (BROADCAST, MULTICAST) else 0
    if length == MAC_LENGTH:
        packet["source_mac"] = address


@kernel
def layer_of_cooked(kind: int, packet: Packet) -> int:
    """Return the layer behind either version's header."""
    if kind == LLC_FRAME:
        return layer.LLC
    if kind == ETHERNET_FRAME:
        return layer.ETHERNET
    if kind == PPP_FRAME:
        return layer.PPP_HDLC
    return layer_of_ethertype(kind, packet)


@kernel
def linux_sll(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read packet type, sender's MAC and ether type."""
    if at + HEADER > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    packet["link_kind"] = layer.LINK_SLL
    cooked(u16(data, at), u48(data, at + 6), u16(data, at + 4), packet)
    packet["at"] = at + HEADER
    return layer_of_cooked(u16(data, at + 14), packet)
