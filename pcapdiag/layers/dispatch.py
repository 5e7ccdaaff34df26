"""The way through a packet: from its link type, layer by layer, to TCP, ICMP or a neighbour message.

A new layer is one file, one number in :mod:`pcapdiag.layers.packet` and one line in :func:`further`.
"""

from typing import Final

from pcapdiag.compiled import apart, kernel
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.arp import arp
from pcapdiag.layers.authentication import authentication
from pcapdiag.layers.bridge_tag import bridge_tag
from pcapdiag.layers.capwap import capwap
from pcapdiag.layers.cisco_hdlc import cisco_hdlc
from pcapdiag.layers.erspan import erspan
from pcapdiag.layers.etherip import etherip
from pcapdiag.layers.ethernet import ethernet
from pcapdiag.layers.fddi import fddi
from pcapdiag.layers.frame_relay import frame_relay
from pcapdiag.layers.geneve import geneve
from pcapdiag.layers.gre import gre
from pcapdiag.layers.gtp_u import gtp_u
from pcapdiag.layers.gue import gue
from pcapdiag.layers.icmp import icmp
from pcapdiag.layers.icmpv6 import icmpv6
from pcapdiag.layers.ipv4 import ipv4
from pcapdiag.layers.ipv6 import ipv6
from pcapdiag.layers.juniper import juniper
from pcapdiag.layers.l2tp import l2tp
from pcapdiag.layers.l2tpv3 import l2tpv3
from pcapdiag.layers.link_types import capture_header, layer_of_link_type
from pcapdiag.layers.linux_sll import linux_sll
from pcapdiag.layers.linux_sll2 import linux_sll2
from pcapdiag.layers.lisp import lisp
from pcapdiag.layers.llc import llc
from pcapdiag.layers.mac_in_mac import mac_in_mac
from pcapdiag.layers.macsec import macsec
from pcapdiag.layers.mpls import mpls
from pcapdiag.layers.nflog import nflog
from pcapdiag.layers.nsh import nsh
from pcapdiag.layers.nstrace import nstrace
from pcapdiag.layers.null import null
from pcapdiag.layers.numbers import other_ethertype, other_protocol
from pcapdiag.layers.octets import Octets
from pcapdiag.layers.packet import Packet, stop, uncommon
from pcapdiag.layers.ppp import ppp, ppp_hdlc
from pcapdiag.layers.pppoe import pppoe
from pcapdiag.layers.raw import raw
from pcapdiag.layers.tcp import tcp
from pcapdiag.layers.teredo import teredo
from pcapdiag.layers.tzsp import tzsp
from pcapdiag.layers.udp import udp
from pcapdiag.layers.vlan import vlan
from pcapdiag.layers.vxlan import vxlan
from pcapdiag.layers.wlan import wlan

MOST_LAYERS: Final = 32


@kernel
def step(number: int, data: Octets, at: int, end: int, packet: Packet) -> int:
    """Run one layer's step function; the common layers come first."""
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
    if number == layer.UDP:
        return udp(data, at, end, packet)
    if number == layer.ARP:
        return arp(data, at, end, packet)
    if number == layer.ICMP:
        return icmp(data, at, end, packet)
    if number == layer.ICMPV6:
        return icmpv6(data, at, end, packet)
    if number == layer.NULL:
        return null(data, at, end, packet)
    if number == layer.RAW:
        return raw(data, at, end, packet)
    if number == layer.OTHER_ETHERTYPE:
        return other_ethertype(packet)
    if number == layer.OTHER_PROTOCOL:
        return other_protocol(packet)
    return further(number, data, at, end, packet)


@uncommon(layer.PUT_OFF)
def further(number: int, data: Octets, at: int, end: int, packet: Packet) -> int:
    """Run the step function of a layer that is none of the common ones."""
    if number == layer.GRE:
        return gre(data, at, end, packet)
    if number == layer.VXLAN:
        return vxlan(data, at, end, packet)
    if number == layer.GENEVE:
        return geneve(data, at, end, packet)
    if number == layer.GTP_U:
        return gtp_u(data, at, end, packet)
    if number == layer.ERSPAN:
        return erspan(data, at, end, packet)
    if number == layer.MPLS:
        return mpls(data, at, end, packet)
    if number == layer.PPPOE:
        return pppoe(data, at, end, packet)
    if number == layer.PPP:
        return ppp(data, at, end, packet)
    if number == layer.PPP_HDLC:
        return ppp_hdlc(data, at, end, packet)
    if number == layer.CISCO_HDLC:
        return cisco_hdlc(data, at, end, packet)
    if number == layer.FRAME_RELAY:
        return frame_relay(data, at, end, packet)
    if number == layer.TEREDO:
        return teredo(data, at, end, packet)
    if number == layer.L2TP:
        return l2tp(data, at, end, packet)
    if number == layer.NSH:
        return nsh(data, at, end, packet)
    if number == layer.GUE:
        return gue(data, at, end, packet)
    if number == layer.BRIDGE_TAG:
        return bridge_tag(data, at, end, packet)
    if number == layer.MAC_IN_MAC:
        return mac_in_mac(data, at, end, packet)
    if number == layer.AUTHENTICATION:
        return authentication(data, at, end, packet)
    if number == layer.ETHERIP:
        return etherip(data, at, end, packet)
    return seldom(number, data, at, end, packet)


@apart
def seldom(number: int, data: Octets, at: int, end: int, packet: Packet) -> int:
    """Run the step function of a layer at the edges: mirrors, wireless, link types."""
    if number == layer.LISP:
        return lisp(data, at, end, packet)
    if number == layer.TZSP:
        return tzsp(data, at, end, packet)
    if number == layer.CAPWAP:
        return capwap(data, at, end, packet)
    if number == layer.WLAN:
        return wlan(data, at, end, packet)
    if number == layer.CAPTURE_HEADER:
        return capture_header(data, at, end, packet)
    if number == layer.FDDI:
        return fddi(data, at, end, packet)
    if number == layer.NFLOG:
        return nflog(data, at, end, packet)
    if number == layer.JUNIPER:
        return juniper(data, at, end, packet)
    if number == layer.NSTRACE:
        return nstrace(data, at, end, packet)
    if number == layer.L2TPV3:
        return l2tpv3(data, at, end, packet)
    if number == layer.MACSEC:
        return macsec(data, at, end, packet)
    return llc(data, at, end, packet)


@kernel
def decode(link_type: int, data: Octets, packet: Packet) -> int:
    """Read a packet's headers; ``at``, ``end`` and ``wire_end`` say where it lies in `data`.

    Returns one of the DONE codes of :mod:`pcapdiag.layers.packet`, or STOP with a reason.
    """
    return follow(layer_of_link_type(link_type, packet), data, packet)


@kernel
def follow(number: int, data: Octets, packet: Packet) -> int:
    """Read the headers from a layer on."""
    for _ in range(MOST_LAYERS):
        if number <= 0:
            return number
        number = step(number, data, packet["at"], packet["end"], packet)
    if number > 0:
        return stop(packet, reasons.NESTED_TOO_DEEP)
    return number
