"""IPv6 and its extension headers.

Source: RFC 8200 3 and 4; IANA list of IPv6 extension header types.

    0  version (4 bits), traffic class, flow label
    4  payload length, octets behind this header
    6  next header
    7  hop limit
    8  source address
    24 destination address
    40 extension headers, each: 0 next header, 1 length in 8 octets without the first 8
       (fragment header: 8 octets; authentication header: length in 4 octets less 2)
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import reasons
from pcapdiag.layers.numbers import layer_of_protocol
from pcapdiag.layers.octets import Octets, u8, u16, u32
from pcapdiag.layers.packet import DONE_FRAGMENT, STOP, Packet, stop

HEADER: Final = 40
MOST_EXTENSIONS: Final = 16
HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION, SHIM6 = 0, 43, 44, 51, 60, 140
FRAGMENTED: Final = -2


@kernel
def is_extension(protocol: int) -> bool:
    """Tell whether a next-header number is an extension header that can be skipped.

    Mobility (RFC 6275 6.1.1) and host identity (RFC 7401 5.1) headers end their packets.
    """
    return protocol in (HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION, SHIM6)


@kernel
def ipv6(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read addresses, hop limit and length, and walk the extension headers."""
    if at + HEADER > end:
        return stop(packet, reasons.IPV6_TRUNCATED)
    if u8(data, at) >> 4 != 6:
        return stop(packet, reasons.IPV6_MALFORMED)
    length = HEADER + u16(data, at + 4)
    # 0 is a jumbogram or a frame before segmentation offload; the frame's length then holds.
    if length == HEADER or at + length > packet["wire_end"]:
        length = packet["wire_end"] - at
    packet["ip_version"] = 6
    packet["ip_length"] = length
    packet["ip_id"] = -1
    packet["ttl"] = u8(data, at + 7)
    source = packet["source"]
    destination = packet["destination"]
    for word in range(4):
        source[word] = u32(data, at + 8 + 4 * word)
        destination[word] = u32(data, at + 24 + 4 * word)
    packet["wire_end"] = at + length
    packet["more_fragments"] = 0
    packet["end"] = min(end, at + length)
    protocol = skip_extensions(data, at + HEADER, packet["end"], u8(data, at + 6), packet)
    if protocol < 0:
        return DONE_FRAGMENT if protocol == FRAGMENTED else STOP
    return layer_of_protocol(protocol, packet)


@kernel
def behind_fragments(data: Octets, packet: Packet) -> int:
    """Return the layer with which a datagram goes on whose fragments were put together."""
    protocol = int(packet["protocol"])
    if packet["ip_version"] == 6:
        protocol = skip_extensions(data, packet["at"], packet["end"], protocol, packet)
        if protocol < 0:
            return stop(packet, reasons.FRAGMENT)
    return layer_of_protocol(protocol, packet)


@kernel
def skip_extensions(data: Octets, at: int, end: int, protocol: int, packet: Packet) -> int:
    """Move ``packet["at"]`` behind the extension headers; return the protocol there.

    -1: stopped; FRAGMENTED: at the octets of a fragment.
    """
    for _ in range(MOST_EXTENSIONS):
        if not is_extension(protocol):
            packet["at"] = at
            return protocol
        if at + 8 > end:
            stop(packet, reasons.IPV6_TRUNCATED)
            return -1
        size = (u8(data, at + 1) + 1) * 8
        if protocol == FRAGMENT:
            size = 8
            fragment = u16(data, at + 2)
            # An "atomic" fragment (RFC 6946) is a whole packet.
            if fragment & 0xFFF9:
                packet["fragment"] = 1
                packet["more_fragments"] = fragment & 1
                packet["fragment_offset"] = fragment & 0xFFF8
                packet["fragment_id"] = u32(data, at + 4)
                packet["protocol"] = u8(data, at)
                if at + 8 < end and end == packet["wire_end"]:
                    packet["at"] = at + 8
                    return FRAGMENTED
                if fragment & 0xFFF8:
                    stop(packet, reasons.FRAGMENT)
                    return -1
        elif protocol == AUTHENTICATION:
            size = (u8(data, at + 1) + 2) * 4
        protocol = u8(data, at)
        at += size
    stop(packet, reasons.NESTED_TOO_DEEP)
    return -1
