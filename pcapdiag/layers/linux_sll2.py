"""Linux cooked capture, version 2 (the device `any` of newer tcpdump): adds the interface.

Source: tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html (276).

    0  ether type
    2  reserved
    4  interface index, 4 octets
    8  ARPHRD_ type of the device
    10 packet type, as in version 1
    11 length of the sender's link-layer address
    12 the sender's address, 8 octets
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.linux_sll import cooked, layer_of_cooked
from pcapdiag.layers.octets import Octets, u8, u16, u32, u48
from pcapdiag.layers.packet import Packet, stop

HEADER: Final = 20


@kernel
def linux_sll2(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read interface, packet type, sender's MAC and ether type."""
    if at + HEADER > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    packet["link_kind"] = layer.LINK_SLL2
    packet["link_index"] = u32(data, at + 4)
    cooked(u8(data, at + 10), u48(data, at + 12), u8(data, at + 11), packet)
    packet["at"] = at + HEADER
    return layer_of_cooked(u16(data, at), packet)
