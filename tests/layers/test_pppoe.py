"""PPP over Ethernet: what is not read has a name; the rest is in stacks.py."""

import pytest

from tests.layers.frames import MACS, decoded, octets


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("11 00 00 09", "tunnel header truncated"),  # cut
        ("11 a7 00 09 00 00", "tunnel control"),  # a discovery code
        ("11 00 00 09 00 04 c0 21 01 01", "ppp protocol 0xc021"),  # LCP
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(MACS + octets("88 64" + header)).reason == reason
