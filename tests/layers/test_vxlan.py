"""VXLAN: what is not read has a name; the rest is in stacks.py."""

import pytest

from pcapdiag.layers.packet import DONE_NEIGHBOR
from tests.layers.frames import decoded, octets
from tests.layers.stacks import ethernet, frame, ip, udp


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("0c 00 00 03 00 00 07", "tunnel header truncated"),  # cut
        ("0c 00 00 09 00 00 07 00", "tunnel payload of another kind"),  # next protocol 9
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(ethernet(4, ip(4, 17, udp(4790, octets(header))))).reason == reason


def test_reserved_bits_do_not_matter() -> None:
    header = octets("ff ff ff ff 00 00 07 ff")
    assert decoded(ethernet(4, ip(4, 17, udp(4789, header + frame(4)))))["tunnel_id"] == 7


def test_arp_inside() -> None:
    request = octets("""
        ff ff ff ff ff ff 02 00 5e 00 00 09 08 06
        00 01 08 00 06 04 00 01  02 00 5e 00 00 09 c0 00 02 09  00 00 00 00 00 00 c0 00 02 0a
    """)
    data = octets("08 00 00 00 00 00 07 00") + request
    found = decoded(ethernet(6, ip(6, 17, udp(4789, data))))
    assert found.outcome == DONE_NEIGHBOR
    assert (found["sender"][0], found["source_mac"]) == (0xC0000209, 0x02005E000009)
    assert found["broadcast"] == 1
