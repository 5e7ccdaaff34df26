"""IPsec: what is not read has a name; the rest is in stacks.py."""

import pytest

from tests.layers.frames import decoded, octets
from tests.layers.stacks import ethernet, ip


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("06 04 00 00 00 00 00 09 00 00 00", "tunnel header truncated"),  # cut
        ("32 01 00 00 00 00 00 09 00 00 00 01", "esp"),  # encrypted
        ("06 ff 00 00 00 00 00 09 00 00 00 01", "tcp truncated"),  # longer than the packet
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(ethernet(4, ip(4, 51, octets(header)))).reason == reason
