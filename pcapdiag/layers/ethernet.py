"""Ethernet II and 802.3 frames.

Source: IEEE 802.3 3.1; LINKTYPE_ETHERNET (1).

    0  destination MAC, 6 octets
    6  source MAC, 6 octets
    12 ether type; up to 1500 it is a length and an LLC header follows
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.numbers import layer_of_ethertype
from pcapdiag.layers.octets import Octets, u16, u48
from pcapdiag.layers.packet import Packet, stop

HEADER: Final = 14
LARGEST_LENGTH: Final = 1500
GROUP_BIT: Final = 1 << 40
"""Set in the addresses of groups, the broadcast among them."""


@kernel
def ethernet(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read both MAC addresses and the ether type; of nested frames the innermost counts."""
    if at + HEADER > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    destination = u48(data, at)
    packet["link_kind"] = layer.LINK_ETHERNET
    packet["destination_mac"] = destination
    packet["source_mac"] = u48(data, at + 6)
    packet["broadcast"] = 1 if destination & GROUP_BIT else 0
    packet["vlan"] = -1
    packet["at"] = at + HEADER
    kind = u16(data, at + 12)
    if kind <= LARGEST_LENGTH:
        return layer.LLC
    return layer_of_ethertype(kind, packet)
