"""The way through a packet: from its link type, layer by layer, to TCP, ICMP or a neighbour message.

A new layer is one file, one number in :mod:`pcapdiag.layers.packet` and one line in :func:`step`.
Source of the link types: tcpdump.org/linktypes.html.
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.arp import arp
from pcapdiag.layers.ethernet import ethernet
from pcapdiag.layers.icmp import icmp
from pcapdiag.layers.icmpv6 import icmpv6
from pcapdiag.layers.ipv4 import ipv4
from pcapdiag.layers.ipv6 import ipv6
from pcapdiag.layers.linux_sll import linux_sll
from pcapdiag.layers.linux_sll2 import linux_sll2
from pcapdiag.layers.llc import llc
from pcapdiag.layers.null import null
from pcapdiag.layers.octets import Octets
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.raw import raw
from pcapdiag.layers.tcp import tcp
from pcapdiag.layers.vlan import vlan

MOST_LAYERS: Final = 16


@kernel
def layer_of_link_type(link_type: int, packet: Packet) -> int:
    """Return the first layer of a link type."""
    if link_type == 1:
        return layer.ETHERNET
    if link_type == 113:
        return layer.LINUX_SLL
    if link_type == 276:
        return layer.LINUX_SLL2
    if link_type == 0 or link_type == 108:
        return layer.NULL
    if link_type in (12, 14, 101):
        return layer.RAW
    if link_type == 228:
        return layer.IPV4
    if link_type == 229:
        return layer.IPV6
    return stop(packet, reasons.LINK_TYPES + (link_type & 0xFFFF))


@kernel
def step(number: int, data: Octets, at: int, end: int, packet: Packet) -> int:
    """Run one layer's step function."""
    if number == layer.TCP:
        return tcp(data, at, end, packet)
    if number == layer.IPV4:
        return ipv4(data, at, end, packet)
    if number == layer.ETHERNET:
        return ethernet(data, at, end, packet)
    if number == layer.IPV6:
        return ipv6(data, at, end, packet)
    if number == layer.VLAN:
        return vlan(data, at, end, packet)
    if number == layer.LINUX_SLL:
        return linux_sll(data, at, end, packet)
    if number == layer.LINUX_SLL2:
        return linux_sll2(data, at, end, packet)
    if number == layer.ARP:
        return arp(data, at, end, packet)
    if number == layer.ICMP:
        return icmp(data, at, end, packet)
    if number == layer.ICMPV6:
        return icmpv6(data, at, end, packet)
    if number == layer.LLC:
        return llc(data, at, end, packet)
    if number == layer.NULL:
        return null(data, at, end, packet)
    return raw(data, at, end, packet)


@kernel
def decode(link_type: int, data: Octets, packet: Packet) -> int:
    """Read a packet's headers; ``at``, ``end`` and ``wire_end`` say where it lies in `data`.

    Returns one of the DONE codes of :mod:`pcapdiag.layers.packet`, or STOP with a reason.
    """
    number = layer_of_link_type(link_type, packet)
    for _ in range(MOST_LAYERS):
        if number <= 0:
            return number
        number = step(number, data, packet["at"], packet["end"], packet)
    if number > 0:
        return stop(packet, reasons.NESTED_TOO_DEEP)
    return number
