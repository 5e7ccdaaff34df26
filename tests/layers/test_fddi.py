"""FDDI: what is not read has a name; the rest is in stacks.py."""

import pytest

from tests.layers.frames import decoded, octets


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("50 00 00", "link header truncated"),  # cut
        ("c0 00 00 00 00 00 00 00 00 00 00 00 00", "not ip"),  # a token
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(octets(header), 10).reason == reason
