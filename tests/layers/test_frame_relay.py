"""Frame Relay: what is not read has a name; the rest is in stacks.py."""

import pytest

from tests.layers.frames import decoded, octets


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("18", "link header truncated"),  # cut
        ("18 40 42 40 03 cc", "not ip"),  # an address of more than four octets
        ("18 41 03 09 00", "tunnel payload of another kind"),  # LMI
        ("18 41 03 80 00 00 0c 20 00", "snap of another vendor"),  # CDP
        ("18 41 03 80 00", "link header truncated"),  # cut
        ("18 41 03 00", "link header truncated"),  # cut
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(octets(header), 107).reason == reason
