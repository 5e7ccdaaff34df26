"""Packets from Linux's packet filter log.

Source: tcpdump.org/linktypes/LINKTYPE_NFLOG.html (239).

    0  address family: 2 IPv4, 10 IPv6
    1  version, 0; resource, 2 octets
    4  attributes: 0 length, 2 type (both in the capturing host's order), value, padding to 4 octets
    type 9 is the packet
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.octets import Octets, u16, u16_little
from pcapdiag.layers.packet import Packet, stop

HEADER, ATTRIBUTE = 4, 4
PAYLOAD: Final = 9
MOST_ATTRIBUTES: Final = 32
LAST_TYPE: Final = 0xFF


@kernel
def nflog(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Walk the attributes to the packet."""
    at += HEADER
    for _ in range(MOST_ATTRIBUTES):
        if at + ATTRIBUTE > end:
            return stop(packet, reasons.LINK_TRUNCATED)
        size = u16_little(data, at)
        kind = u16_little(data, at + 2)
        # Types are small numbers: only one order fits.
        if kind > LAST_TYPE:
            size = u16(data, at)
            kind = u16(data, at + 2)
        if size < ATTRIBUTE:
            return stop(packet, reasons.NOT_IP)
        if kind == PAYLOAD:
            packet["at"] = at + ATTRIBUTE
            packet["wire_end"] = min(packet["wire_end"], at + size)
            packet["end"] = min(end, at + size)
            return layer.RAW
        at += size + 3 & ~3
    return stop(packet, reasons.NESTED_TOO_DEEP)
