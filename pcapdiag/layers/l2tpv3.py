"""L2TP, version 3, data messages, as far as the packet itself shows what they carry.

Source: RFC 3931 4.1 and 4.6, RFC 4719 (Ethernet).  Only the control connection says whether there is a
cookie and a sublayer, and what follows: tshark without it reads nothing.  Here Ethernet frames are
taken behind any of the possible lengths, where ether type, IP version and IP length fit in every bit.

    0  session, not 0
    4  cookie, 0, 4 or 8 octets; sublayer, 0 or 4 octets; frame
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.octets import Octets, u8, u16, u32
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter

SESSION: Final = 4
MOST_BETWEEN: Final = 12
"""Octets of cookie and sublayer."""
FRAME_HEADER, TAG = 14, 4
SHORTEST_FRAME: Final = 60
"""A shorter one was padded, so that IP's length is less than what is there."""
MOST_TAGS: Final = 2


@kernel
def l2tpv3(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read the session and look for a frame."""
    if at + SESSION > end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    session = u32(data, at)
    if session == 0:
        return stop(packet, reasons.TUNNEL_CONTROL)
    at += SESSION
    for between in range(0, MOST_BETWEEN + 1, 4):
        if is_frame(data, at + between, end, packet["wire_end"]):
            enter(packet, tunnel.L2TPV3, session)
            packet["at"] = at + between
            return layer.ETHERNET
    return stop(packet, reasons.PROTOCOLS + 115)


@kernel
def is_frame(data: Octets, at: int, end: int, wire_end: int) -> bool:
    """Tell whether an Ethernet frame that is all IP begins here."""
    internet = at + FRAME_HEADER
    if internet > end:
        return False
    kind = u16(data, internet - 2)
    for _ in range(MOST_TAGS):
        if kind not in (0x8100, 0x88A8) or internet + TAG > end:
            break
        internet += TAG
        kind = u16(data, internet - 2)
    if internet + 6 > end:
        return False
    version = u8(data, internet) >> 4
    if kind == 0x0800 and version == 4:
        length = u16(data, internet + 2)
    elif kind == 0x86DD and version == 6:
        length = 40 + u16(data, internet + 4)
    else:
        return False
    there = wire_end - internet
    return length == there or (length < there and wire_end - at == SHORTEST_FRAME)
