"""IPv4, with options skipped and fragments noted.

Source: RFC 791 3.1.

    0  version (4 bits), header length in words (4 bits)
    1  type of service
    2  total length, octets
    4  identification
    6  flags (3 bits: reserved, don't fragment, more fragments), fragment offset in 8 octets (13 bits)
    8  time to live
    9  protocol
    10 header checksum (not checked: often wrong on the capturing host)
    12 source address
    16 destination address
    20 options
"""

from typing import Final

from pcapdiag.compiled import apart, kernel
from pcapdiag.layers import reasons
from pcapdiag.layers.numbers import layer_of_protocol
from pcapdiag.layers.octets import Octets, u8, u16, u32
from pcapdiag.layers.packet import DONE_FRAGMENT, Packet, stop

HEADER: Final = 20
END, NOTHING = 0, 1
"""Options of one octet."""
CLIENT_ADDRESS: Final = 31
"""Not assigned: DPVS names the client of UDP packets in this option (uoa.h)."""


@apart
def note_claim(data: Octets, at: int, end: int, packet: Packet) -> None:
    """Note where an option begins that names the client; a malformed one ends the search."""
    while at + 2 <= end:
        kind = u8(data, at)
        length = 1 if kind == NOTHING else u8(data, at + 1)
        if kind == END or length == 0 or at + length > end:
            return
        if kind == CLIENT_ADDRESS:
            packet["claim_at"] = at
            return
        at += length


@kernel
def ipv4(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read addresses, TTL, identification and the length on the wire."""
    if at + HEADER > end:
        return stop(packet, reasons.IPV4_TRUNCATED)
    first = u8(data, at)
    header = (first & 0x0F) * 4
    if first >> 4 != 4 or header < HEADER:
        return stop(packet, reasons.IPV4_MALFORMED)
    length = u16(data, at + 2)
    announced = length
    # A sending host with segmentation offload leaves the length 0; the frame's length then holds.
    if length == 0 or at + length > packet["wire_end"]:
        length = packet["wire_end"] - at
    if length < header:
        return stop(packet, reasons.IPV4_MALFORMED)
    packet["ip_version"] = 4
    packet["ip_length"] = length
    packet["ip_id"] = u16(data, at + 4)
    packet["ttl"] = u8(data, at + 8)
    source = packet["source"]
    destination = packet["destination"]
    source[0] = u32(data, at + 12)
    destination[0] = u32(data, at + 16)
    for word in range(1, 4):
        source[word] = 0
        destination[word] = 0
    packet["wire_end"] = at + length
    packet["end"] = min(end, at + length)
    packet["at"] = at + header
    if header > HEADER:
        note_claim(data, at + HEADER, min(end, at + header), packet)
    fragment = u16(data, at + 6)
    packet["more_fragments"] = 0
    if fragment & 0x3FFF:
        packet["fragment"] = 1
        packet["more_fragments"] = fragment >> 13 & 1
        packet["fragment_offset"] = (fragment & 0x1FFF) * 8
        packet["fragment_id"] = packet["ip_id"]
        packet["protocol"] = u8(data, at + 9)
        if length > header and at + max(length, announced) <= end:
            return DONE_FRAGMENT
        if fragment & 0x1FFF:
            return stop(packet, reasons.FRAGMENT)
    return layer_of_protocol(u8(data, at + 9), packet)
