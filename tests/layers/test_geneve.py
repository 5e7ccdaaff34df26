"""Geneve: what is not read has a name; the rest is in stacks.py."""

import pytest

from tests.layers.frames import decoded, octets
from tests.layers.stacks import ethernet, ip, udp


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("00 00 08 00 00 00 05", "tunnel header truncated"),  # cut
        ("40 00 08 00 00 00 05 00", "tunnel header malformed"),  # version 1
        ("00 80 00 00 00 00 05 00", "ethertype 0x0000"),  # control packet without payload
        ("3f 00 08 00 00 00 05 00", "ipv4 truncated"),  # options beyond the end
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(ethernet(4, ip(4, 17, udp(6081, octets(header))))).reason == reason
