"""Raw IP: no link header at all.

Source: tcpdump.org/linktypes.html, LINKTYPE_RAW (101; 12 and 14 on some systems).

    0  IP version, upper 4 bits
"""

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.octets import Octets, u8
from pcapdiag.layers.packet import Packet, stop


@kernel
def raw(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Tell IPv4 from IPv6."""
    if at + 1 > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    version = u8(data, at) >> 4
    if version == 4:
        return layer.IPV4
    if version == 6:
        return layer.IPV6
    return stop(packet, reasons.NOT_IP)
