"""BSD loopback: four octets with the protocol family, in the byte order of the capturing host.

Source: tcpdump.org/linktypes.html, LINKTYPE_NULL (0) and LINKTYPE_LOOP (108, network order).

    0  family: 2 IPv4; 24 (NetBSD, OpenBSD), 28 (FreeBSD), 30 (macOS) IPv6
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.octets import Octets, u32
from pcapdiag.layers.packet import Packet, stop

HEADER: Final = 4


@kernel
def null(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read the family in either byte order; families are small numbers, so only one order fits."""
    if at + HEADER > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    family = u32(data, at)
    if family > 0xFFFF:
        swapped = (family >> 8 & 0xFF00) | family >> 24
        family = swapped if family & 0xFFFF == 0 else 0
    packet["at"] = at + HEADER
    if family == 2:
        return layer.IPV4
    if family in (24, 28, 30):
        return layer.IPV6
    return stop(packet, reasons.NULL_FAMILY)
