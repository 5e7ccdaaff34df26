"""VLAN tags, also stacked.

Source: IEEE 802.1Q 9.6.

    0  priority (3 bits), drop eligible (1 bit), VLAN id (12 bits)
    2  ether type; up to 1500 it is a length and an LLC header follows
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.ethernet import LARGEST_LENGTH
from pcapdiag.layers.numbers import layer_of_ethertype
from pcapdiag.layers.octets import Octets, u16
from pcapdiag.layers.packet import Packet, stop

TAG: Final = 4


@kernel
def vlan(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read a tag; the outermost gives the VLAN id."""
    if at + TAG > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    if packet["vlan"] < 0:
        packet["vlan"] = u16(data, at) & 0x0FFF
    packet["at"] = at + TAG
    kind = u16(data, at + 2)
    if kind <= LARGEST_LENGTH:
        return layer.LLC
    return layer_of_ethertype(kind, packet)
