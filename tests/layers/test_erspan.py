"""ERSPAN: what is not read has a name; the rest is in stacks.py."""

import pytest

from pcapdiag.layers.packet import DONE_TCP
from tests.layers.frames import decoded, octets
from tests.layers.stacks import INNER, ethernet, ip


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("10 00 88 be 00 00 00 01 10 05", "tunnel header truncated"),  # cut
        ("10 00 88 be 00 00 00 01 30 05 08 2a 00 00 00 01", "tunnel header malformed"),  # version 3
        ("10 00 22 eb 00 00 00 01 20 05 08 2a 00 00 00 01", "tunnel header truncated"),  # cut
        (
            "10 00 22 eb 00 00 00 01 20 05 08 2a 00 00 00 01 00 00 04 00",
            "tunnel payload of another kind",
        ),  # FDDI
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(ethernet(4, ip(4, 47, octets(header)))).reason == reason


def test_type_3_with_ip_alone() -> None:
    header = octets("10 00 22 eb 00 00 00 01 20 05 08 2a 00 00 00 01 00 00 08 00")
    assert decoded(ethernet(4, ip(4, 47, header + INNER[6]))).outcome == DONE_TCP
