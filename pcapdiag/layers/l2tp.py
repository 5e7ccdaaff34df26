"""L2TP, version 2, data messages; what they carry is PPP.  Version 3 is a layer of its own.

Source: RFC 2661 3.1, RFC 3931 4.1.2.1.

    0  flags: 0x8000 control, 0x4000 length, 0x0800 sequence numbers, 0x0200 offset; version (4 bits)
    2  length (where flagged), tunnel, session, sequence numbers (2 and 2), offset
"""

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.octets import Octets, u16, u32
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter

CONTROL, LENGTH, SEQUENCE, OFFSET = 0x8000, 0x4000, 0x0800, 0x0200
VERSION, VERSION_3, HEADER_3 = 2, 3, 4


@kernel
def l2tp(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read tunnel and session (as one number) and skip what is optional."""
    if at + 2 > end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    flags = u16(data, at)
    if flags & CONTROL:
        return stop(packet, reasons.TUNNEL_CONTROL)
    if flags & 0x000F == VERSION_3:
        packet["at"] = at + HEADER_3
        return layer.L2TPV3
    if flags & 0x000F != VERSION:
        return stop(packet, reasons.TUNNEL_MALFORMED)
    at += 4 if flags & LENGTH else 2
    if at + 4 > end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    enter(packet, tunnel.L2TP, u32(data, at))
    at += 8 if flags & SEQUENCE else 4
    if flags & OFFSET:
        if at + 2 > end:
            return stop(packet, reasons.TUNNEL_TRUNCATED)
        at += 2 + u16(data, at)
    packet["at"] = at
    return layer.PPP
