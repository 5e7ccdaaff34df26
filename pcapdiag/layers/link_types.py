"""The first layer of a link type, and capture headers that name another link type.

Source: tcpdump.org/linktypes.html; Apple's PKTAP (258), PPI (192), radiotap (127).

    PKTAP     0 length of the header, 4 record type, 8 link type; 4 octets each, little-endian
    PPI       0 version, flags, 2 length (2 octets), 4 link type (4 octets); little-endian
    radiotap  0 version, padding, 2 length (2 octets), little-endian; 802.11 follows
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.octets import Octets, u16_little, u32_little
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.read.nstrace import LINK_TYPES as NSTRACE

RADIOTAP, PPI, PKTAP, WIRELESS = 127, 192, 258, 105
NAMES: Final = {
    0: "NULL", 1: "EN10MB", 9: "PPP", 10: "FDDI", 12: "RAW", 14: "RAW", 50: "PPP_SERIAL",
    51: "PPP_ETHER", 101: "RAW", 104: "C_HDLC", 105: "IEEE802_11", 107: "FRELAY", 108: "LOOP",
    113: "LINUX_SLL", 127: "IEEE802_11_RADIO", 178: "JUNIPER_ETHER", 192: "PPI", 219: "MPLS",
    228: "IPV4", 229: "IPV6", 239: "NFLOG", 258: "PKTAP", 276: "LINUX_SLL2",
    NSTRACE + 10: "NSTRACE_1_0", NSTRACE + 20: "NSTRACE_2_0", NSTRACE + 30: "NSTRACE_3_0",
    NSTRACE + 35: "NSTRACE_3_5",
}  # fmt: skip
"""Names of the link types that are read, as tcpdump.org/linktypes.html has them, and Wireshark the last."""
NSTRACE_LAST: Final = NSTRACE + 35

LEAST: Final = 8
PKTAP_LEAST: Final = 12


@kernel
def layer_of_link_type(link_type: int, packet: Packet) -> int:
    """Return the first layer of a link type."""
    if link_type == 1:
        return layer.ETHERNET
    if link_type == 113:
        return layer.LINUX_SLL
    if link_type == 276:
        return layer.LINUX_SLL2
    if link_type == 0 or link_type == 108:
        return layer.NULL
    if link_type in (12, 14, 101):
        return layer.RAW
    if link_type == 228:
        return layer.IPV4
    if link_type == 229:
        return layer.IPV6
    return other_link_type(link_type, packet)


@kernel
def other_link_type(link_type: int, packet: Packet) -> int:
    """Return the first layer of a link type that is none of the common ones."""
    packet["announced"] = link_type
    if link_type in (9, 50):
        return layer.PPP_HDLC
    if link_type == 51:
        return layer.PPPOE
    if link_type == 104:
        return layer.CISCO_HDLC
    if link_type == 107:
        return layer.FRAME_RELAY
    if link_type == 10:
        return layer.FDDI
    if link_type == WIRELESS:
        return layer.WLAN
    if link_type in (RADIOTAP, PPI, PKTAP):
        return layer.CAPTURE_HEADER
    if link_type == 178:
        return layer.JUNIPER
    if link_type == 219:
        return layer.MPLS
    if link_type == 239:
        return layer.NFLOG
    if NSTRACE < link_type <= NSTRACE_LAST:
        return layer.NSTRACE
    return stop(packet, reasons.LINK_TYPES + (link_type & 0xFFFF))


@kernel
def capture_header(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Skip a header that the capturing program made; the announced link type says which."""
    kind = packet["announced"]
    if at + LEAST > end or (kind == PKTAP and at + PKTAP_LEAST > end):
        return stop(packet, reasons.LINK_TRUNCATED)
    size = u32_little(data, at) if kind == PKTAP else u16_little(data, at + 2)
    if size < LEAST or size > end - at:
        return stop(packet, reasons.LINK_TRUNCATED)
    packet["at"] = at + size
    if kind == RADIOTAP:
        packet["announced"] = WIRELESS
        return layer.WLAN
    inner = u32_little(data, at + 8 if kind == PKTAP else at + 4)
    return layer_of_link_type(inner, packet)
