"""PPP over Ethernet, in its session stage.

Source: RFC 2516 4.

    0  version and type, 0x11
    1  code, 0 in the session stage
    2  session
    4  length of what follows
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.octets import Octets, u8, u16
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter

HEADER: Final = 6


@kernel
def pppoe(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read the session."""
    if at + HEADER > end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    if u8(data, at + 1):
        return stop(packet, reasons.TUNNEL_CONTROL)
    enter(packet, tunnel.PPPOE, u16(data, at + 2))
    packet["at"] = at + HEADER
    return layer.PPP
