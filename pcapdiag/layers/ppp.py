"""PPP, with or without HDLC framing.

Source: RFC 1661 2 and 6.5 (protocol field of one octet), RFC 1662 3.1 (address and control);
LINKTYPE_PPP (9), LINKTYPE_PPP_HDLC (50).

    0  0xff 0x03: address and control, may be left out
    2  protocol, 2 octets; 1 if the first one is odd
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.octets import Octets, u8
from pcapdiag.layers.packet import Packet, stop

ADDRESS: Final = 0xFF
CISCO_UNICAST, CISCO_MULTICAST = 0x0F, 0x8F
IP, IP6, LABELS, LABELS_MULTICAST = 0x0021, 0x0057, 0x0281, 0x0283
IP_TYPE, IP6_TYPE = 0x0800, 0x86DD
"""Ether types, which some senders use instead."""


@kernel
def ppp(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Read the protocol."""
    if at < end and u8(data, at) == ADDRESS:
        at += 2
    if at >= end:
        return stop(packet, reasons.LINK_TRUNCATED)
    protocol = u8(data, at)
    at += 1
    if protocol & 1 == 0:
        if at >= end:
            return stop(packet, reasons.LINK_TRUNCATED)
        protocol = protocol << 8 | u8(data, at)
        at += 1
    packet["at"] = at
    if protocol in (IP, IP_TYPE):
        return layer.IPV4
    if protocol in (IP6, IP6_TYPE):
        return layer.IPV6
    if protocol in (LABELS, LABELS_MULTICAST):
        return layer.MPLS
    return stop(packet, reasons.PPP_PROTOCOLS + protocol)


@kernel
def ppp_hdlc(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Tell PPP from Cisco's HDLC on a serial line."""
    if at < end and u8(data, at) in (CISCO_UNICAST, CISCO_MULTICAST):
        return layer.CISCO_HDLC
    return layer.PPP
