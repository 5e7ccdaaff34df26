"""Tags of bridges that end in another ether type.

Source: IEEE 802.1BR 7.5 (E-tag), Cisco VN-tag, IEEE 802.1CB 7.8 (R-tag), IEC 62439-3 5.6 (HSR).

    0  E-tag, R-tag: 6 or 4 octets; VN-tag, HSR: 4 octets
    4  ether type (6 for an E-tag); up to 1500 it is a length and an LLC header follows
"""

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.ethernet import LARGEST_LENGTH
from pcapdiag.layers.numbers import E_TAG, announced_ethertype
from pcapdiag.layers.octets import Octets, u16
from pcapdiag.layers.packet import Packet, stop

E_TAG_SIZE, TAG_SIZE = 6, 4


@kernel
def bridge_tag(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Skip a tag whose ether type was announced."""
    at += E_TAG_SIZE if packet["announced"] == E_TAG else TAG_SIZE
    if at + 2 > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    packet["at"] = at + 2
    kind = u16(data, at)
    if kind <= LARGEST_LENGTH:
        return layer.LLC
    return announced_ethertype(kind, packet)
