"""Juniper's capture header: what is not read has a name; the rest is in stacks.py."""

import pytest

from tests.layers.frames import decoded, octets


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("4d 47 43 80", "link header truncated"),  # cut
        ("00 00 00 80 00 00", "not ip"),  # no magic
        ("4d 47 43 82 00 00", "not ip"),  # no link header
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(octets(header), 178).reason == reason
