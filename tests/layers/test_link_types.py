"""Link types and capture headers."""

import pytest

from pcapdiag.layers.packet import DONE_TCP
from tests.layers.frames import PACKET, decoded, octets


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("00 00 08 00", "link header truncated"),  # cut
        ("00 00 04 00 01 00 00 00", "link header truncated"),  # shorter than itself
        ("00 00 08 00 93 00 00 00", "link type 147"),  # another link type inside
        (
            "00 00 08 00 c0 00 00 00" * 40,
            "nested too deep",
        ),  # headers without end
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(octets(header), 192).reason == reason


def test_apple() -> None:
    header = octets("0c 00 00 00 01 00 00 00 01 00 00 00")
    assert decoded(header + PACKET, 258).outcome == DONE_TCP
    assert decoded(header[:11], 258).reason == "link header truncated"
