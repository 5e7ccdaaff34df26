"""The packet that an ICMP error quotes: its addresses and, as far as quoted, its TCP header.

Sources: RFC 792 (header and 64 bits of data), RFC 4443 2.4 (as much as fits).
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers.ipv6 import FRAGMENT, MOST_EXTENSIONS, is_extension
from pcapdiag.layers.octets import Octets, u8, u16, u32
from pcapdiag.layers.packet import Packet

IPV4_HEADER, IPV6_HEADER, LEAST = 20, 40, 16
TCP_PROTOCOL: Final = 6


@kernel
def quoted(data: Octets, at: int, end: int, packet: Packet) -> None:
    """Read a quoted packet; ``quoted_version`` stays 0 when there is none that can be read."""
    packet["quoted_version"] = 0
    packet["quoted_source_port"] = -1
    packet["quoted_destination_port"] = -1
    packet["quoted_seq"] = -1
    packet["quoted_ack"] = -1
    packet["quoted_flags"] = -1
    if at + IPV4_HEADER > end:
        return
    source = packet["quoted_source"]
    destination = packet["quoted_destination"]
    version = u8(data, at) >> 4
    header = (u8(data, at) & 0x0F) * 4
    if version == 4 and header >= IPV4_HEADER:
        for word in range(4):
            source[word] = u32(data, at + 12) if word == 0 else 0
            destination[word] = u32(data, at + 16) if word == 0 else 0
        packet["quoted_version"] = 4
        first = u16(data, at + 6) & 0x1FFF == 0
        if first and u8(data, at + 9) == TCP_PROTOCOL:
            quoted_tcp(data, at + header, end, packet)
    elif version == 6 and at + IPV6_HEADER <= end:
        for word in range(4):
            source[word] = u32(data, at + 8 + 4 * word)
            destination[word] = u32(data, at + 24 + 4 * word)
        packet["quoted_version"] = 6
        protocol = u8(data, at + 6)
        at += IPV6_HEADER
        for _ in range(MOST_EXTENSIONS):
            if not is_extension(protocol) or at + 8 > end:
                break
            size = 8 if protocol == FRAGMENT else (u8(data, at + 1) + 1) * 8
            protocol = u8(data, at)
            at += size
        if protocol == TCP_PROTOCOL:
            quoted_tcp(data, at, end, packet)


@kernel
def quoted_tcp(data: Octets, at: int, end: int, packet: Packet) -> None:
    """Read ports and sequence number; the rest when the header is quoted up to the window."""
    if at + 8 > end:
        return
    packet["quoted_source_port"] = u16(data, at)
    packet["quoted_destination_port"] = u16(data, at + 2)
    packet["quoted_seq"] = u32(data, at + 4)
    if at + LEAST <= end:
        packet["quoted_ack"] = u32(data, at + 8)
        packet["quoted_flags"] = u8(data, at + 13)
