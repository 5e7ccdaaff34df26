"""BSD loopback."""

import pytest

from pcapdiag.layers.packet import DONE_TCP
from tests.layers.frames import IPV4, TCP, decoded, octets
from tests.layers.test_ipv6 import IPV6


@pytest.mark.parametrize("family", ["02 00 00 00", "00 00 00 02"])
@pytest.mark.parametrize("link_type", [0, 108])
def test_ipv4_in_either_byte_order(family: str, link_type: int) -> None:
    assert decoded(octets(family) + IPV4 + TCP, link_type).outcome == DONE_TCP


@pytest.mark.parametrize("family", ["18 00 00 00", "1c 00 00 00", "00 00 00 1e"])
def test_ipv6_of_three_systems(family: str) -> None:
    assert decoded(octets(family) + IPV6 + TCP, 0)["ip_version"] == 6


def test_others_are_named() -> None:
    assert decoded(octets("07 00 00 00") + IPV4, 0).reason == "bsd family of another kind"
    assert decoded(octets("02 00 00"), 0).reason == "link header truncated"
