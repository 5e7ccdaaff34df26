"""TZSP: frames that a router mirrors to a sniffer (MikroTik).

Source: Wireshark's reading of the TaZmen Sniffer Protocol.

    0  version 1
    1  type: 0 received, 1 to be transmitted
    2  protocol: 1 Ethernet
    4  fields: 0 tag, 1 length, value; tag 0 is padding and 1 the end, both without length
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.octets import Octets, u8, u16
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter

HEADER: Final = 4
ETHERNET_FRAME: Final = 1
PADDING, LAST = 0, 1
MOST_FIELDS: Final = 32


@kernel
def tzsp(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Skip the fields before the frame."""
    if at + HEADER > end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    if u8(data, at + 1) > 1:
        return stop(packet, reasons.TUNNEL_CONTROL)
    if u16(data, at + 2) != ETHERNET_FRAME:
        return stop(packet, reasons.TUNNEL_OTHER)
    at += HEADER
    for _ in range(MOST_FIELDS):
        if at + 2 > end:
            return stop(packet, reasons.TUNNEL_TRUNCATED)
        tag = u8(data, at)
        if tag == LAST:
            enter(packet, tunnel.TZSP, -1)
            packet["at"] = at + 1
            return layer.ETHERNET
        at += 1 if tag == PADDING else 2 + u8(data, at + 1)
    return stop(packet, reasons.NESTED_TOO_DEEP)
