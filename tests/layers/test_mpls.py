"""Labels: what is not read has a name; the rest is in stacks.py."""

import pytest

from tests.layers.frames import MACS, decoded, octets


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("00 01 10", "tunnel header truncated"),  # cut
        ("00 01 11 40", "tunnel header truncated"),  # nothing behind the label
        ("00 01 11 40 10 00 00 07 00", "tunnel payload of another kind"),  # an associated channel
        (
            "00 01 11 40 00 00 00 00 01 02",
            "tunnel payload of another kind",
        ),  # no frame behind the control word
        (
            "00 01 10 40" * 33,
            "nested too deep",
        ),  # a stack without bottom
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(MACS + octets("88 47" + header)).reason == reason
