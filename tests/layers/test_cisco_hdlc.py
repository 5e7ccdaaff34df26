"""Cisco's HDLC: what is not read has a name; the rest is in stacks.py."""

import pytest

from tests.layers.frames import decoded, octets


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("0f 00 08", "link header truncated"),  # cut
        ("8f 00 80 35 00 00", "ethertype 0x8035"),  # SLARP
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(octets(header), 104).reason == reason
