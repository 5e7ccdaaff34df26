"""GRE with all its options, enhanced GRE (PPTP), and what is carried in it.

Source: RFC 2784, RFC 2890 (key, sequence), RFC 1701 (routing), RFC 2637 4.1 (version 1), RFC 7637
(NVGRE: a key that holds the subnet's id); EoIP and WCCP as Wireshark reads them.

    0  flags: 0x8000 checksum, 0x4000 routing, 0x2000 key, 0x1000 sequence, 0x0080 acknowledgement
       (version 1), 0x0007 version
    2  ether type of the payload
    4  each 4 octets, where flagged: checksum and offset, key, sequence, acknowledgement; routing
       entries: 2 address family, 1 offset, 1 length, routing; the last one has no family and no length
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.numbers import announced_ethertype
from pcapdiag.layers.octets import Octets, u8, u16, u32
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter

CHECKSUM, ROUTING, KEY, SEQUENCE, ACKNOWLEDGEMENT = 0x8000, 0x4000, 0x2000, 0x1000, 0x0080
MOST_ROUTES: Final = 16
WCCP, EOIP_TYPE, ERSPAN_2, ERSPAN_3, CDMA_PPP = 0x883E, 0x6400, 0x88BE, 0x22EB, 0x88D2
BYTE_STREAM, FRAME_RELAY_TYPE = 0x8881, 0x6559
FIRST_ARUBA, LAST_ARUBA = 0x8200, 0x8370


@kernel
def gre(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read flags and key and find the payload's beginning."""
    if at + 4 > end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    flags = u16(data, at)
    kind = u16(data, at + 2)
    at += 4
    key = -1
    if flags & (CHECKSUM | ROUTING):
        at += 4
    if flags & KEY:
        key = u32(data, at) if at + 4 <= end else -1
        at += 4
    if flags & SEQUENCE:
        at += 4
    if flags & ACKNOWLEDGEMENT and flags & 7 == 1:
        at += 4
    if flags & ROUTING:
        at = behind_routing(data, at, end)
    if at > end or at < 0:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    packet["at"] = at
    if kind in (ERSPAN_2, ERSPAN_3):
        # Type I has neither a header nor GRE's sequence number.
        packet["announced"] = kind if kind == ERSPAN_3 or flags & SEQUENCE else 0
        return layer.ERSPAN
    if kind == EOIP_TYPE:
        # Payload length, then the tunnel's number in the other byte order.
        swapped = (key & 0xFF) << 8 | key >> 8 & 0xFF
        enter(packet, tunnel.EOIP, swapped if key >= 0 else -1)
        return layer.ETHERNET
    if flags & 7 == 1 and key >= 0:
        key &= 0xFFFF
    enter(packet, tunnel.GRE, key)
    return layer_of_payload(data, at, end, kind, packet)


@kernel
def behind_routing(data: Octets, at: int, end: int) -> int:
    """Return the offset behind the routing entries; -1: they do not end."""
    for _ in range(MOST_ROUTES):
        if at + 4 > end:
            return -1
        family = u16(data, at)
        size = u8(data, at + 3)
        at += 4 + size
        if family == 0 and size == 0:
            return at
    return -1


@kernel
def layer_of_payload(data: Octets, at: int, end: int, kind: int, packet: Packet) -> int:
    """Return the layer behind the header."""
    if kind == WCCP:
        # The second version puts a redirect header of 4 octets before the packet.
        if at < end and u8(data, at) >> 4 != 4:
            packet["at"] = at + 4
        return layer.IPV4
    if kind in (CDMA_PPP, BYTE_STREAM):
        return layer.PPP_HDLC
    if kind == FRAME_RELAY_TYPE:
        return layer.FRAME_RELAY
    if FIRST_ARUBA <= kind <= LAST_ARUBA and kind & 0x0F == 0:
        return layer.WLAN
    return announced_ethertype(kind, packet)
