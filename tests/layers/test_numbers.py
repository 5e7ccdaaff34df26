"""Numbers that announce layers."""

import pytest

from pcapdiag.layers import packet as layer
from pcapdiag.layers.numbers import layer_of_ethertype, layer_of_protocol
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
        (0x88CC, layer.STOP),
    ],
)
def test_ether_types(ethertype: int, number: int) -> None:
    assert layer_of_ethertype(ethertype, plain_packet()) == number


def test_icmp_belongs_to_its_ip_version() -> None:
    packet = plain_packet()
    for version, protocol, number in (
        (4, 1, layer.ICMP),
        (6, 58, layer.ICMPV6),
        (4, 58, layer.STOP),
        (6, 1, layer.STOP),
        (6, 6, layer.TCP),
    ):
        packet["ip_version"] = version
        assert layer_of_protocol(protocol, packet) == number
