"""ICMPv6: errors, neighbour discovery and redirects.

Source: RFC 4443 (errors), RFC 4861 4.3 to 4.6 (neighbour discovery).

    0  type: 1 unreachable, 2 too big, 3 time exceeded, 4 parameter problem; 135 neighbour
       solicitation, 136 advertisement, 137 redirect
    1  code
    2  checksum
    4  too big: MTU
    8  errors: the packet that caused it; 135, 136: target address; 137: better next hop
    24 135, 136: options; 137: destination, and options at 40
    options: 0 kind (1 source's MAC, 2 target's MAC, 4 redirected packet), 1 length in 8 octets
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.octets import Octets, u8, u32, u48
from pcapdiag.layers.packet import Packet, stop, uncommon
from pcapdiag.layers.quoted import quoted

HEADER: Final = 8
TOO_BIG, LAST_ERROR, SOLICITATION, ADVERTISEMENT, REDIRECT6 = 2, 4, 135, 136, 137
SOURCE_MAC, TARGET_MAC, REDIRECTED = 1, 2, 4
MOST_OPTIONS: Final = 16


@uncommon(layer.PUT_OFF)
def icmpv6(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read an error, a redirect or a neighbour message; others are only counted."""
    if at + HEADER > end:
        return stop(packet, reasons.ICMP_TRUNCATED)
    kind = u8(data, at)
    packet["icmp_type"] = kind
    packet["icmp_code"] = u8(data, at + 1)
    packet["icmp_mtu"] = u32(data, at + 4) if kind == TOO_BIG else -1
    gateway = packet["icmp_gateway"]
    for word in range(4):
        gateway[word] = 0
    if 1 <= kind <= LAST_ERROR:
        quoted(data, at + HEADER, end, packet)
        return layer.DONE_ICMP
    if kind == REDIRECT6:
        return redirect(data, at, end, packet)
    if kind in (SOLICITATION, ADVERTISEMENT):
        return neighbor(data, at, end, packet)
    return stop(packet, reasons.ICMP_OTHER)


@kernel
def redirect(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read a redirect: the better next hop and, in an option, the packet that caused it."""
    if at + 40 > end:
        return stop(packet, reasons.ICMP_TRUNCATED)
    gateway = packet["icmp_gateway"]
    for word in range(4):
        gateway[word] = u32(data, at + 8 + 4 * word)
    packet["icmp_type"] = REDIRECT6
    found = option(data, at + 40, end, REDIRECTED)
    # Without the option the quoted packet is unknown: an offset at the end says so.
    quoted(data, found + 8 if found >= 0 else end, end, packet)
    return layer.DONE_ICMP


@kernel
def neighbor(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read a solicitation or an advertisement."""
    if at + 24 > end:
        return stop(packet, reasons.ICMP_TRUNCATED)
    asks = u8(data, at) == SOLICITATION
    # Indexes into events.NEIGHBOR_KINDS.
    packet["neighbor_kind"] = 2 if asks else 3
    sender = packet["sender"]
    target = packet["target"]
    source = packet["source"]
    destination = packet["destination"]
    for word in range(4):
        asked = u32(data, at + 8 + 4 * word)
        # An advertisement speaks for its target address, to whoever asked.
        sender[word] = source[word] if asks else asked
        target[word] = asked if asks else destination[word]
    found = option(data, at + 24, end, SOURCE_MAC if asks else TARGET_MAC)
    packet["sender_mac"] = u48(data, found + 2) if found >= 0 else -1
    packet["target_mac"] = -1
    return layer.DONE_NEIGHBOR


@kernel
def option(data: Octets, at: int, end: int, wanted: int) -> int:
    """Return the offset of the first option of a kind, -1 without; it has 8 octets at least."""
    for _ in range(MOST_OPTIONS):
        if at + 8 > end:
            return -1
        if u8(data, at) == wanted:
            return at
        size = u8(data, at + 1) * 8
        if size == 0:
            return -1
        at += size
    return -1
