"""MPLS label stacks, and pseudowires for Ethernet behind them.

Source: RFC 3032 2.1; RFC 4385 3 and RFC 4448 4.6 (control word); RFC 4928 (first nibble).

    0  label (20 bits), class (3 bits), bottom of stack (1 bit), TTL; repeated up to the bottom
    4  payload, its kind unsaid: first 4 bits 4 IPv4, 6 IPv6, 0 maybe a control word, 1 a channel
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.octets import Octets, u8, u16, u32
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter

ENTRY: Final = 4
MOST_LABELS: Final = 32
BOTTOM: Final = 0x100
CONTROL_WORD: Final = 4
ETHERTYPE_AT: Final = 12


@kernel
def mpls(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Skip the label stack; its bottom is the tunnel's number."""
    for _ in range(MOST_LABELS):
        if at + ENTRY > end:
            return stop(packet, reasons.TUNNEL_TRUNCATED)
        entry = u32(data, at)
        at += ENTRY
        if entry & BOTTOM:
            enter(packet, tunnel.MPLS, entry >> 12)
            packet["at"] = at
            return layer_of_payload(data, at, end, packet)
    return stop(packet, reasons.NESTED_TOO_DEEP)


@kernel
def layer_of_payload(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Tell IP from a pseudowire."""
    if at >= end:
        return stop(packet, reasons.TUNNEL_TRUNCATED)
    first = u8(data, at) >> 4
    if first == 4:
        return layer.IPV4
    if first == 6:
        return layer.IPV6
    if is_frame(data, at, end):
        return layer.ETHERNET
    if first == 0 and is_frame(data, at + CONTROL_WORD, end):
        packet["at"] = at + CONTROL_WORD
        return layer.ETHERNET
    return stop(packet, reasons.TUNNEL_OTHER)


@kernel
def is_frame(data: Octets, at: int, end: int) -> bool:
    """Tell whether an Ethernet header with a well-known type stands at an offset."""
    if at + ETHERTYPE_AT + 2 > end:
        return False
    return u16(data, at + ETHERTYPE_AT) in (
        0x0800, 0x86DD, 0x0806, 0x8100, 0x88A8, 0x9100, 0x8847, 0x8864,
    )  # fmt: skip
