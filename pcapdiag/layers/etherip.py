"""Ethernet frames in IP packets.

Source: RFC 3378 3.

    0  version 3 (4 bits), reserved
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import tunnel
from pcapdiag.layers.octets import Octets
from pcapdiag.layers.packet import Packet
from pcapdiag.layers.tunnel import enter

HEADER: Final = 2


@kernel
def etherip(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Skip the header; a cut one is found by the frame behind it."""
    enter(packet, tunnel.ETHERIP, -1)
    packet["at"] = at + HEADER
    return layer.ETHERNET
