"""GRE: what is not read has a name; the rest is in stacks.py."""

import pytest

from pcapdiag.layers.packet import DONE_TCP
from tests.layers.frames import IPV4, TCP, decoded, octets
from tests.layers.stacks import INNER, ethernet, ip


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("00 00 20 00 01 02", "ethertype 0x2000"),  # CDP
        ("00 00 08", "tunnel header truncated"),  # cut
        ("20 00 08 00 00 00", "tunnel header truncated"),  # no room for the key
        (
            "40 00 08 00 00 00 00 00 08 00 00",
            "tunnel header truncated",
        ),  # routing that does not end
        (
            "40 00 08 00 00 00 00 00 08 00 00 ff",
            "tunnel header truncated",
        ),  # a route beyond the end
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(ethernet(4, ip(4, 47, octets(header)))).reason == reason


def test_wccp_with_and_without_redirect_header() -> None:
    for header in ("00 00 88 3e", "00 00 88 3e 01 02 03 04"):
        found = decoded(ethernet(4, ip(4, 47, octets(header) + INNER[4])))
        assert (found.outcome, found["payload"]) == (DONE_TCP, 4)


def test_wireless_frames() -> None:
    air = octets("08 02 00 00") + bytes(18) + octets("10 00  aa aa 03 00 00 00 08 00")
    found = decoded(ethernet(4, ip(4, 47, octets("00 00 82 00") + air + IPV4 + TCP)))
    assert found.outcome == DONE_TCP
