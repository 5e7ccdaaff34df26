"""Cisco's HDLC.

Source: tcpdump.org/linktypes.html, LINKTYPE_C_HDLC (104).

    0  address: 0x0f unicast, 0x8f multicast
    1  control, 0
    2  ether type
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import reasons
from pcapdiag.layers.numbers import announced_ethertype
from pcapdiag.layers.octets import Octets, u16
from pcapdiag.layers.packet import Packet, stop

HEADER: Final = 4


@kernel
def cisco_hdlc(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read the ether type."""
    if at + HEADER > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    packet["at"] = at + HEADER
    return announced_ethertype(u16(data, at + 2), packet)
