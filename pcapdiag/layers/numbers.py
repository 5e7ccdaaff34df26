"""Which layer a number announces: ether types and IP protocol numbers.

Sources: IANA ether types (802.1Q 0x8100, 802.1ad 0x88a8) and IANA protocol numbers.  The common
ones are told at once; the others take one more step, so that the code of the common ones, which is
part of many layers, stays small.
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons, tunnel
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.layers.tunnel import enter

ETHERNET_BRIDGING: Final = 0x6558
E_TAG, VN_TAG, R_TAG, HSR = 0x893F, 0x8926, 0xF1C1, 0x892F
CLIENT_ADDRESS: Final = 248
"""Not assigned: DPVS names the client of UDP packets in a header of this protocol (uoa.h)."""
FABRICPATH, TRILL, PBB = 0x8903, 0x22F3, 0x88E7


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
    return announced_ethertype(ethertype, packet)


@kernel
def layer_of_protocol(protocol: int, packet: Packet) -> int:
    """Return the layer that an IP protocol number announces."""
    if protocol == 6:
        return layer.TCP
    if protocol == 17:
        return layer.UDP
    if protocol == 1 and packet["ip_version"] == 4:
        return layer.ICMP
    if protocol == 58 and packet["ip_version"] == 6:
        return layer.ICMPV6
    packet["announced"] = protocol
    return layer.OTHER_PROTOCOL


@kernel
def announced_ethertype(ethertype: int, packet: Packet) -> int:
    """Leave an ether type to the next step."""
    packet["announced"] = ethertype
    return layer.OTHER_ETHERTYPE


@kernel
def other_ethertype(packet: Packet) -> int:
    """Return the layer of any ether type that was announced."""
    kind = packet["announced"]
    found = layer_of_ethertype(kind, packet)
    if found != layer.OTHER_ETHERTYPE:
        return found
    if kind in (0x8847, 0x8848):
        return layer.MPLS
    if kind == 0x8864:
        return layer.PPPOE
    if kind in (E_TAG, VN_TAG, R_TAG, HSR):
        return layer.BRIDGE_TAG
    if kind in (FABRICPATH, TRILL, PBB):
        return layer.MAC_IN_MAC
    if kind == ETHERNET_BRIDGING:
        return layer.ETHERNET
    if kind == 0x894F:
        return layer.NSH
    if kind == 0x880B:
        return layer.PPP
    if kind == 0x88E5:
        return layer.MACSEC
    return stop(packet, reasons.ETHERTYPES + kind)


@kernel
def other_protocol(packet: Packet) -> int:
    """Return the layer of an IP protocol that is none of the common ones."""
    kind = packet["announced"]
    version = packet["ip_version"]
    if kind == 4:
        enter(packet, tunnel.IPIP if version == 4 else tunnel.FOUR_IN_SIX, -1)
        return layer.IPV4
    if kind == 41:
        enter(packet, tunnel.SIX_IN_FOUR if version == 4 else tunnel.SIX_IN_SIX, -1)
        return layer.IPV6
    if kind == 47:
        return layer.GRE
    if kind == 51:
        return layer.AUTHENTICATION
    if kind == 97:
        return layer.ETHERIP
    if kind == 115:
        return layer.L2TPV3
    if kind == 137:
        return layer.MPLS
    if kind == CLIENT_ADDRESS:
        packet["claim_at"] = packet["at"]
    return stop(packet, reasons.PROTOCOLS + kind)
