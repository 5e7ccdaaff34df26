"""MACsec whose payload is in the clear: only its integrity is protected.

Source: IEEE 802.1AE 9.3 to 9.12.

    0  version (1 bit, 0), end station, 0x20 secure channel id is there, broadcast, 0x08 encrypted,
       0x04 changed text, association number (2 bits)
    1  short length (6 bits), 0: 48 octets or more
    2  packet number, 4 octets
    6  secure channel id, 8 octets, where flagged
    .. ether type and payload; the last 16 octets are the integrity check value
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.ethernet import LARGEST_LENGTH
from pcapdiag.layers.numbers import layer_of_ethertype
from pcapdiag.layers.octets import Octets, u8, u16
from pcapdiag.layers.packet import Packet, stop

MACSEC: Final = 0x88E5
HEADER, CHANNEL, TYPE, CHECK = 6, 8, 2, 16
VERSION, HAS_CHANNEL, HIDDEN = 0x80, 0x20, 0x0C


@kernel
def macsec(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Skip the tag, and leave out the check value behind the payload."""
    if at + HEADER + TYPE > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    flags = u8(data, at)
    if flags & (VERSION | HIDDEN):
        return stop(packet, reasons.ETHERTYPES + MACSEC)
    at += HEADER
    if flags & HAS_CHANNEL:
        at += CHANNEL
    wire_end = packet["wire_end"] - CHECK
    if at + TYPE > min(end, wire_end):
        return stop(packet, reasons.LINK_TRUNCATED)
    packet["wire_end"] = wire_end
    packet["end"] = min(end, wire_end)
    packet["at"] = at + TYPE
    kind = u16(data, at)
    if kind <= LARGEST_LENGTH:
        return layer.LLC
    return layer_of_ethertype(kind, packet)
