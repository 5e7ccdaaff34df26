"""Service headers: what is not read has a name; the rest is in stacks.py."""

import pytest

from tests.layers.frames import MACS, decoded, octets


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("0f c2 02 03 00 00 2a", "tunnel header truncated"),  # cut
        ("0f c1 02 03 00 00 2a ff", "tunnel header malformed"),  # shorter than itself
        ("0f c2 02 09 00 00 2a ff", "tunnel payload of another kind"),  # next protocol 9
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(MACS + octets("89 4f" + header)).reason == reason
