"""LISP: what is not read has a name; the rest is in stacks.py."""

import pytest

from tests.layers.frames import decoded, octets
from tests.layers.stacks import ethernet, ip, udp


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("08 00 00 00 00 00 0a", "tunnel header truncated"),  # cut
        ("08 00 00 00 00 00 0a 00 10", "not ip"),  # neither version
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(ethernet(4, ip(4, 17, udp(4341, octets(header))))).reason == reason
