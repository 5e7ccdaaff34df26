"""The packet filter log: what is not read has a name; the rest is in stacks.py."""

import pytest

from pcapdiag.layers.packet import DONE_TCP
from tests.layers.frames import IPV4, TCP, decoded, octets


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("02 00 00 00 08 00", "link header truncated"),  # cut
        ("02 00 00 00 03 00 01 00", "not ip"),  # an attribute shorter than itself
        (
            "02 00 00 00" + "04 00 01 00" * 33,
            "nested too deep",
        ),  # no packet
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(octets(header), 239).reason == reason


def test_big_endian_host() -> None:
    header = octets("02 00 00 00  00 05 00 0a 65 00 00 00  00 30 00 09")
    assert decoded(header + IPV4 + TCP, 239).outcome == DONE_TCP
