"""Ethernet frames in the frames of a backbone: 802.1ah, FabricPath, TRILL.

Source: IEEE 802.1Q 9.7 (I-TAG); Cisco FabricPath as Wireshark reads it; RFC 6325 3.

    I-TAG       0 flags, service id (3 octets)
    FabricPath  0 tree (10 bits), TTL (6 bits)
    TRILL       0 version, multicast, length of the options in words (5 bits), hops (6 bits);
                2 egress and ingress
"""

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.numbers import FABRICPATH, PBB
from pcapdiag.layers.octets import Octets, u16, u32
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter

PBB_SIZE, FABRICPATH_SIZE, TRILL_SIZE = 4, 2, 6


@kernel
def mac_in_mac(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Skip the backbone's header, whose ether type was announced."""
    kind = packet["announced"]
    if at + TRILL_SIZE > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    if kind == PBB:
        enter(packet, tunnel.PBB, u32(data, at) & 0xFFFFFF)
        packet["at"] = at + PBB_SIZE
    elif kind == FABRICPATH:
        enter(packet, tunnel.FABRICPATH, u16(data, at) >> 6)
        packet["at"] = at + FABRICPATH_SIZE
    else:
        enter(packet, tunnel.TRILL, -1)
        packet["at"] = at + TRILL_SIZE + (u16(data, at) >> 6 & 0x1F) * 4
    return layer.ETHERNET
