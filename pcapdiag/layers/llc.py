"""802.2 LLC with SNAP, as some switches still carry IP.

Source: IEEE 802.2; RFC 1042 (IP and ARP over 802 networks).

    0  DSAP, 1  SSAP: 0xaa for SNAP, 0x06 for IPv4 as it is
    2  control, 1 octet for unnumbered frames
    3  organisation, 3 octets: 0 for ether types
    6  ether type
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.numbers import layer_of_ethertype
from pcapdiag.layers.octets import Octets, u8, u16
from pcapdiag.layers.packet import Packet, stop

SNAP, BARE_IP, UNNUMBERED = 0xAA, 0x06, 0x03
HEADER: Final = 8


@kernel
def llc(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read the ether type behind a SNAP header."""
    if at + HEADER > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    if u16(data, at) == BARE_IP << 8 | BARE_IP and u8(data, at + 2) == UNNUMBERED:
        packet["at"] = at + 3
        return layer.IPV4
    if u8(data, at) != SNAP or u8(data, at + 1) != SNAP:
        return stop(packet, reasons.SAPS + u8(data, at))
    if u8(data, at + 3) or u16(data, at + 4):
        return stop(packet, reasons.SNAP_OTHER)
    packet["at"] = at + HEADER
    return layer_of_ethertype(u16(data, at + 6), packet)
