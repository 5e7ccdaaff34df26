"""GTP: the user data of mobile networks.

Source: 3GPP TS 29.281 5.1 (version 1), TS 29.060 6 (version 0).

    0  version (3 bits), protocol type (0x10: GTP, not GTP'), 0x04 extension headers, 0x02 sequence
       number, 0x01 N-PDU number
    1  message type, 255 user data
    2  length of what follows the first 8 octets
    4  tunnel end point (version 1)
    8  where any of the three flags is set: sequence number (2), N-PDU number, type of the first
       extension header; each: 0 length in 4 octets, content, last octet type of the next one
    version 0: 20 octets, the last 8 are the tunnel's id
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.octets import Octets, u8, u32
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter

HEADER, OPTIONAL, HEADER_0 = 8, 4, 20
USER_DATA: Final = 255
GTP: Final = 0x10
EXTENDED, ANY = 0x04, 0x07
MOST_EXTENSIONS: Final = 16


@kernel
def gtp_u(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read the tunnel end point and skip extension headers; the payload tells what it is."""
    if at + HEADER > end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    flags = u8(data, at)
    version = flags >> 5
    if version > 1 or flags & GTP == 0 or u8(data, at + 1) != USER_DATA:
        return stop(packet, reasons.TUNNEL_CONTROL)
    if version == 0:
        if at + HEADER_0 > end:
            return stop(packet, reasons.TUNNEL_TRUNCATED)
        enter(packet, tunnel.GTP_U, u32(data, at + 16))
        at += HEADER_0
    else:
        enter(packet, tunnel.GTP_U, u32(data, at + 4))
        at = behind_extensions(data, at + HEADER, end, flags)
    if at < 0 or at >= end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    packet["at"] = at
    # The header does not say what it carries.
    first = u8(data, at)
    if 0x45 <= first < 0x4F:
        return layer.IPV4
    return layer.IPV6 if first >> 4 == 6 else layer.PPP


@kernel
def behind_extensions(data: Octets, at: int, end: int, flags: int) -> int:
    """Return the offset behind the optional part; -1: it was cut."""
    if flags & ANY == 0:
        return at
    at += OPTIONAL
    if flags & EXTENDED == 0:
        return at
    for _ in range(MOST_EXTENSIONS):
        if at > end or u8(data, at - 1) == 0:
            return at
        size = u8(data, at) * 4 if at < end else 0
        if size == 0:
            return -1
        at += size
    return -1
