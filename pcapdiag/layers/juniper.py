"""What Juniper routers put before the Ethernet frames they capture.

Source: LINKTYPE_JUNIPER_ETHERNET (178), as Wireshark reads it.

    0  0x4d4743
    3  flags: 0x80 extensions follow, 0x02 no link header behind
    4  length of the extensions, 2 octets; extensions
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.octets import Octets, u8, u16, u32
from pcapdiag.layers.packet import Packet, stop

HEADER: Final = 6
MAGIC: Final = 0x4D4743
EXTENDED, BARE = 0x80, 0x02


@kernel
def juniper(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Skip the header."""
    if at + HEADER > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    flags = u8(data, at + 3)
    if u32(data, at) >> 8 != MAGIC or flags & BARE:
        return stop(packet, reasons.NOT_IP)
    packet["at"] = at + 4 + (2 + u16(data, at + 4) if flags & EXTENDED else 0)
    return layer.ETHERNET
