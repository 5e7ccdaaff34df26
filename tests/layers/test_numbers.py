"""Numbers that announce layers."""

import pytest

from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.numbers import (
    announced_ethertype,
    layer_of_ethertype,
    layer_of_protocol,
    other_ethertype,
    other_protocol,
)
from pcapdiag.layers.packet import plain_packet


@pytest.mark.parametrize(
    ("ethertype", "number"),
    [
        (0x0800, layer.IPV4),
        (0x86DD, layer.IPV6),
        (0x0806, layer.ARP),
        (0x8100, layer.VLAN),
        (0x88A8, layer.VLAN),
        (0x9100, layer.VLAN),
        (0x8847, layer.OTHER_ETHERTYPE),
        (0x88CC, layer.OTHER_ETHERTYPE),
    ],
)
def test_ether_types(ethertype: int, number: int) -> None:
    assert layer_of_ethertype(ethertype, plain_packet()) == number


def test_icmp_belongs_to_its_ip_version() -> None:
    packet = plain_packet()
    for version, protocol, number in (
        (4, 1, layer.ICMP),
        (6, 58, layer.ICMPV6),
        (4, 58, layer.OTHER_PROTOCOL),
        (6, 1, layer.OTHER_PROTOCOL),
        (4, 17, layer.UDP),
        (6, 6, layer.TCP),
    ):
        packet["ip_version"] = version
        assert layer_of_protocol(protocol, packet) == number


@pytest.mark.parametrize(
    ("ethertype", "number"),
    [
        (0x0800, layer.IPV4),
        (0x8848, layer.MPLS),
        (0x8864, layer.PPPOE),
        (0x88E7, layer.MAC_IN_MAC),
        (0x893F, layer.BRIDGE_TAG),
        (0x88E5, layer.MACSEC),
        (0x88CC, layer.STOP),
    ],
)
def test_other_ether_types(ethertype: int, number: int) -> None:
    packet = plain_packet()
    assert announced_ethertype(ethertype, packet) == layer.OTHER_ETHERTYPE
    assert other_ethertype(packet) == number


def test_other_protocols_are_named() -> None:
    packet = plain_packet()
    packet.update(announced=50, ip_version=4)
    assert other_protocol(packet) == layer.STOP
    assert reasons.words(packet["reason"]) == "esp"
