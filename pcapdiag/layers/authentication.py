"""The authentication header of IPsec, skipped: it hides nothing.

Source: RFC 4302 2.

    0  next protocol
    1  length in words less 2
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import reasons
from pcapdiag.layers.numbers import layer_of_protocol
from pcapdiag.layers.octets import Octets, u8
from pcapdiag.layers.packet import Packet, stop

HEADER: Final = 12


@kernel
def authentication(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Return the layer behind the header."""
    if at + HEADER > end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    packet["at"] = at + (u8(data, at + 1) + 2) * 4
    return layer_of_protocol(u8(data, at), packet)
