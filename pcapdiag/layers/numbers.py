"""Which layer a number announces: ether types and IP protocol numbers.

Sources: IANA ether types (802.1Q 0x8100, 802.1ad 0x88a8) and IANA protocol numbers.
"""

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.packet import Packet, stop


@kernel
def layer_of_ethertype(ethertype: int, packet: Packet) -> int:
    """Return the layer that an ether type announces."""
    if ethertype == 0x0800:
        return layer.IPV4
    if ethertype == 0x86DD:
        return layer.IPV6
    if ethertype == 0x0806:
        return layer.ARP
    # 0x9100 was Q-in-Q before 802.1ad gave it 0x88a8.
    if ethertype in (0x8100, 0x88A8, 0x9100):
        return layer.VLAN
    return stop(packet, reasons.ETHERTYPES + ethertype)


@kernel
def layer_of_protocol(protocol: int, packet: Packet) -> int:
    """Return the layer that an IP protocol number announces."""
    if protocol == 6:
        return layer.TCP
    if protocol == 1 and packet["ip_version"] == 4:
        return layer.ICMP
    if protocol == 58 and packet["ip_version"] == 6:
        return layer.ICMPV6
    return stop(packet, reasons.PROTOCOLS + protocol)
