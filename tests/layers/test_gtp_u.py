"""GTP: what is not read has a name; the rest is in stacks.py."""

import pytest

from pcapdiag.layers.packet import DONE_TCP
from tests.layers.frames import decoded, octets
from tests.layers.stacks import INNER, ethernet, ip, udp


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("30 ff 00 04 00 00 01", "tunnel header truncated"),  # cut
        ("30 01 00 04 00 00 00 00 00 00 00 00", "tunnel control"),  # echo request
        ("48 20 00 04 00 00 00 00", "tunnel control"),  # version 2
        ("20 ff 00 00 00 00 00 01", "tunnel control"),  # GTP'
        ("34 ff 00 04 00 00 00 01 00 00 00 85", "tunnel header truncated"),  # no extension
        (
            "34 ff 00 04 00 00 00 01 00 00 00 85 00 00 00 00",
            "tunnel header truncated",
        ),  # an extension without length
        ("30 ff 00 03 00 00 00 01 ff 03 c0 21", "ppp protocol 0xc021"),  # PPP
        ("10 ff 00 03 00 00 00 01", "tunnel header truncated"),  # version 0, cut
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(ethernet(4, ip(4, 17, udp(2152, octets(header))))).reason == reason


def test_version_0() -> None:
    header = octets("1e ff 00 2c 00 01 00 02 ff ff ff ff 00 00 00 00 00 00 00 09")
    found = decoded(ethernet(4, ip(4, 17, udp(2152, header + INNER[4]))))
    assert (found.outcome, found["tunnel_id"]) == (DONE_TCP, 9)
