"""Ethernet in IP: what is not read has a name; the rest is in stacks.py."""

import pytest

from tests.layers.frames import decoded, octets
from tests.layers.stacks import ethernet, ip


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("30", "link header truncated"),  # cut
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(ethernet(4, ip(4, 97, octets(header)))).reason == reason
