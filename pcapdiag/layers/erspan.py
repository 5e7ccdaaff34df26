"""ERSPAN: a switch's mirrored frames in GRE.

Source: draft-foschiano-erspan-03; the frame types of type III as Wireshark reads them.

    type I   nothing (GRE without sequence number)
    type II  0 version 1 (4 bits), VLAN; 2 class, encapsulation, truncated, session (10 bits);
             4 reserved, index.  8 octets
    type III 0 to 4 as type II with version 2; 4 time stamp; 8 security group; 10 P (1 bit),
             frame type (5 bits: 0 Ethernet, 2 IP), ..., O (last bit): 8 more octets follow. 12 octets
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.octets import Octets, u8, u16
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter

TYPE_2, TYPE_3 = 8, 12
SUBHEADER: Final = 8
SESSION: Final = 0x03FF


@kernel
def erspan(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read the session and find the mirrored frame."""
    if packet["announced"] == 0:
        enter(packet, tunnel.ERSPAN, -1)
        return layer.ETHERNET
    if at + TYPE_2 > end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    version = u8(data, at) >> 4
    enter(packet, tunnel.ERSPAN, u16(data, at + 2) & SESSION)
    if version == 1:
        packet["at"] = at + TYPE_2
        return layer.ETHERNET
    if version != 2:
        return stop(packet, reasons.TUNNEL_MALFORMED)
    if at + TYPE_3 > end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    words = u16(data, at + 10)
    packet["at"] = at + TYPE_3 + (SUBHEADER if words & 1 else 0)
    frame = words >> 10 & 0x1F
    if frame == 2:
        return layer.RAW
    return layer.ETHERNET if frame == 0 else stop(packet, reasons.TUNNEL_OTHER)
