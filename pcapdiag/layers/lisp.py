"""LISP data packets.

Source: RFC 9300 5.3.

    0  flags, nonce or map versions
    4  instance and locator status
    8  an IP packet
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.octets import Octets, u8, u32
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter

HEADER: Final = 8
INSTANCE: Final = 0x08


@kernel
def lisp(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read the instance, where one is given."""
    if at + HEADER > end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    given = u8(data, at) & INSTANCE
    enter(packet, tunnel.LISP, u32(data, at + 4) >> 8 if given else -1)
    packet["at"] = at + HEADER
    return layer.RAW
