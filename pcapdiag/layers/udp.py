"""UDP: only the way to encapsulations; other payload is counted.

Source: RFC 768; the ports are IANA's and those that Wireshark 4.0 and Linux use.

    0  source port
    2  destination port
    4  length, octets, this header included
    6  checksum (not checked)
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.octets import Octets, u16, u32
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.udp_ports import TAKEN

HEADER: Final = 8
VXLAN_PORT, VXLAN_GPE_PORT, VXLAN_LINUX_PORT = 4789, 4790, 8472
GENEVE_PORT, TEREDO_PORT, L2TP_PORT = 6081, 3544, 1701
GTP_CONTROL_PORT, GTP_U_PORT = 2123, 2152
GRE_PORT, MPLS_PORT, LISP_PORT, CAPWAP_PORT, TZSP_PORT = 4754, 6635, 4341, 5247, 37008
FOU_PORT, GUE_PORT = 5555, 6080
VXLAN_FLAGS: Final = 0x08000000


@kernel
def udp(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Tell encapsulations by their port; as in Wireshark the lower one is asked first."""
    if at + HEADER > end:
        return stop(packet, reasons.UDP_TRUNCATED)
    source = u16(data, at)
    destination = u16(data, at + 2)
    length = u16(data, at + 4)
    if length >= HEADER and at + length < packet["wire_end"]:
        packet["wire_end"] = at + length
        packet["end"] = min(end, at + length)
    packet["at"] = at + HEADER
    low = min(source, destination)
    port = low
    number = layer_of_port(data, at + HEADER, packet["end"], low)
    if number == layer.STOP and not is_taken(low):
        port = max(source, destination)
        number = layer_of_port(data, at + HEADER, packet["end"], port)
    if number == layer.STOP:
        return stop(packet, reasons.PROTOCOLS + 17)
    packet["announced"] = port
    return number


@kernel
def layer_of_port(data: Octets, at: int, end: int, port: int) -> int:
    """Return the encapsulation of a port; STOP: none."""
    if port < L2TP_PORT:
        return layer.STOP
    if port in (VXLAN_PORT, VXLAN_GPE_PORT):
        return layer.VXLAN
    # Wireshark leaves Linux's old port to others: only what looks like VXLAN in every bit is.
    if port == VXLAN_LINUX_PORT and at + HEADER <= end and u32(data, at) == VXLAN_FLAGS:
        return layer.VXLAN
    if port == GENEVE_PORT:
        return layer.GENEVE
    if port in (GTP_U_PORT, GTP_CONTROL_PORT):
        return layer.GTP_U
    if port == TEREDO_PORT:
        return layer.TEREDO
    if port == L2TP_PORT:
        return layer.L2TP
    if port == GRE_PORT:
        return layer.GRE
    if port == MPLS_PORT:
        return layer.MPLS
    if port == LISP_PORT:
        return layer.LISP
    if port == CAPWAP_PORT:
        return layer.CAPWAP
    if port == TZSP_PORT:
        return layer.TZSP
    if port in (FOU_PORT, GUE_PORT):
        return layer.GUE
    return layer.STOP


@kernel
def is_taken(port: int) -> bool:
    """Tell whether another protocol owns a port, so that its packets are no encapsulation."""
    # Two bounds that only move towards each other.
    first = 0
    behind = len(TAKEN)
    while first < behind:
        middle = (first + behind) >> 1
        if TAKEN[middle] == port:
            return True
        if TAKEN[middle] < port:
            first = middle + 1
        else:
            behind = middle
    return False
