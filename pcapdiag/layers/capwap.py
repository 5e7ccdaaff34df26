"""CAPWAP data: a wireless client's frames between access point and controller.

Source: RFC 5415 4.3.

    0  version (4 bits), type (4 bits: 1 encrypted)
    1  length in words (5 bits), radio (5 bits), binding (5 bits: 1 IEEE 802.11), T (1 bit: a frame
       of the binding's kind, else Ethernet)
    3  flags: 0x80 fragment
    4  fragment id, offset
    8  MAC and wireless information, within the length
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.octets import Octets, u8, u32
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter
from pcapdiag.layers.wlan import SWAPPED

HEADER: Final = 8
FRAGMENT, KEEP_ALIVE, NATIVE = 0x80, 0x08, 0x100


@kernel
def capwap(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Skip the header."""
    if at + HEADER > end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    if u8(data, at) & 0x0F:
        return stop(packet, reasons.ENCRYPTED)
    words = u32(data, at)
    if words & FRAGMENT:
        return stop(packet, reasons.FRAGMENT)
    if words & KEEP_ALIVE:
        return stop(packet, reasons.TUNNEL_CONTROL)
    size = (words >> 19 & 0x1F) * 4
    if size < HEADER:
        return stop(packet, reasons.TUNNEL_MALFORMED)
    enter(packet, tunnel.CAPWAP, -1)
    packet["at"] = at + size
    # Access points send the frame control field in the other order.
    packet["announced"] = SWAPPED
    return layer.WLAN if words & NATIVE else layer.ETHERNET
