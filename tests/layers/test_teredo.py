"""Teredo: what is not read has a name; the rest is in stacks.py."""

import pytest

from tests.layers.frames import decoded, octets
from tests.layers.stacks import ethernet, ip, udp


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "tunnel header truncated"),  # empty
        ("00 00 ee ee c0 00", "tunnel header truncated"),  # cut
        ("00 05 ee ee", "tunnel payload of another kind"),  # another indication
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(ethernet(4, ip(4, 17, udp(3544, octets(header))))).reason == reason
