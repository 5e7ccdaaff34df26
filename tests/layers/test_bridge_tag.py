"""Tags of bridges: what is not read has a name; the rest is in stacks.py."""

import pytest

from tests.layers.frames import MACS, decoded, octets


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("89 3f 00 00 10 05 00 00 08", "link header truncated"),  # cut
        ("89 26 80 00 00 05 88 cc", "ethertype 0x88cc"),  # LLDP
        ("89 26 80 00 00 05 00 08 42 42 03 00 00 00 00 00", "llc sap 0x42"),  # spanning tree
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(MACS + octets(header)).reason == reason
