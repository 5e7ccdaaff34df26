"""ICMP errors for IPv4.

Source: RFC 792; RFC 1191 4 (next-hop MTU); RFC 1812 5.2.7.

    0  type: 3 unreachable, 4 quench, 5 redirect, 11 time exceeded, 12 parameter problem
    1  code
    2  checksum
    4  redirect: gateway address; unreachable with code 4: unused 2 octets, next-hop MTU 2 octets
    8  header of the packet that caused it
"""

from typing import Final

from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.octets import Octets, u8, u16, u32
from pcapdiag.layers.packet import Packet, stop, uncommon
from pcapdiag.layers.quoted import quoted

HEADER: Final = 8
UNREACHABLE, QUENCH, REDIRECT, TIME_EXCEEDED, PARAMETER = 3, 4, 5, 11, 12
FRAGMENTATION_NEEDED: Final = 4


@uncommon(layer.PUT_OFF)
def icmp(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read an error and the packet it quotes; other messages are only counted."""
    if at + HEADER > end:
        return stop(packet, reasons.ICMP_TRUNCATED)
    kind = u8(data, at)
    if kind not in (UNREACHABLE, QUENCH, REDIRECT, TIME_EXCEEDED, PARAMETER):
        return stop(packet, reasons.ICMP_OTHER)
    code = u8(data, at + 1)
    packet["icmp_type"] = kind
    packet["icmp_code"] = code
    packet["icmp_mtu"] = -1
    if kind == UNREACHABLE and code == FRAGMENTATION_NEEDED and u16(data, at + 6):
        packet["icmp_mtu"] = u16(data, at + 6)
    gateway = packet["icmp_gateway"]
    for word in range(4):
        gateway[word] = 0
    if kind == REDIRECT:
        gateway[0] = u32(data, at + 4)
    quoted(data, at + HEADER, end, packet)
    return layer.DONE_ICMP
