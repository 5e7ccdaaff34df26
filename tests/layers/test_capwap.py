"""CAPWAP: what is not read has a name; the rest is in stacks.py."""

import pytest

from pcapdiag.layers.packet import DONE_TCP
from tests.layers.frames import IPV4, TCP, decoded, octets
from tests.layers.stacks import ethernet, frame, ip, udp


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("00 10 03 20 00 00 00", "tunnel header truncated"),  # cut
        ("01 00 00 00 00 00 00 00", "encrypted"),  # DTLS
        ("00 10 03 80 00 00 00 00", "fragment"),  # fragment
        ("00 10 03 08 00 00 00 00", "tunnel control"),  # keep-alive
        ("00 08 03 00 00 00 00 00", "tunnel header malformed"),  # shorter than itself
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(ethernet(4, ip(4, 17, udp(5247, octets(header))))).reason == reason


def test_swapped_frame_control() -> None:
    air = octets("01 08 00 00") + bytes(18) + octets("10 00  aa aa 03 00 00 00 08 00")
    data = octets("00 10 03 00 00 00 00 00") + air + IPV4 + TCP
    assert decoded(ethernet(4, ip(4, 17, udp(5247, data)))).outcome == DONE_TCP


def test_ethernet_inside() -> None:
    data = octets("00 10 02 00 00 00 00 00") + frame(4)
    assert decoded(ethernet(4, ip(4, 17, udp(5247, data)))).outcome == DONE_TCP
