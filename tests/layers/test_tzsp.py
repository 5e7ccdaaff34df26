"""TZSP: what is not read has a name; the rest is in stacks.py."""

import pytest

from tests.layers.frames import decoded, octets
from tests.layers.stacks import ethernet, ip, udp


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("01 00 00", "tunnel header truncated"),  # cut
        ("01 04 00 01 01", "tunnel control"),  # keep-alive
        ("01 00 00 12 01 00", "tunnel payload of another kind"),  # 802.11
        ("01 00 00 01 0a ff", "tunnel header truncated"),  # a field beyond the end
        (
            "01 00 00 01" + "00" * 40,
            "nested too deep",
        ),  # padding without end
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(ethernet(4, ip(4, 17, udp(37008, octets(header))))).reason == reason
