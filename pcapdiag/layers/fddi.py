"""FDDI.

Source: ANSI X3.139; RFC 1390; LINKTYPE_FDDI (10).

    0  frame control: 0x50 LLC frames
    1  destination and source, 6 octets each; the order of their bits depends on the capturing host
    13 LLC header
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.octets import Octets, u8
from pcapdiag.layers.packet import Packet, stop

HEADER: Final = 13
LLC_FRAME, LLC_MASK = 0x50, 0xF0


@kernel
def fddi(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Skip the header; its addresses are not told, because their bits may be reversed."""
    if at + HEADER > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    if u8(data, at) & LLC_MASK != LLC_FRAME:
        return stop(packet, reasons.NOT_IP)
    packet["at"] = at + HEADER
    return layer.LLC
