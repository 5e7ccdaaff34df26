"""IP behind an 802.2 LLC and SNAP header."""

import pytest

from pcapdiag.layers.packet import DONE_TCP
from tests.layers.frames import IPV4, MACS, TCP, decoded, octets

LENGTH = octets("00 34")


def test_snap() -> None:
    header = octets("""
        aa aa 03                 # DSAP, SSAP, unnumbered
        00 00 00 08 00           # organisation 0: ether types; IPv4
    """)
    assert decoded(MACS + LENGTH + header + IPV4 + TCP).outcome == DONE_TCP


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("42 42 03 00 00 00 00 00", "llc sap 0x42"),  # spanning tree
        ("aa aa 03 00 00 0c 20 00", "snap of another vendor"),  # CDP
        ("aa aa 03 00 00", "link header truncated"),
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(MACS + LENGTH + octets(header)).reason == reason
