"""IP in UDP: only what fits exactly is taken; the rest is in stacks.py."""

import pytest

from tests.layers.frames import decoded, octets
from tests.layers.stacks import ethernet, ip, udp


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("45 00 00 2d 00 00", "udp"),  # a length that does not fit
        ("60 00 00 00 00 09", "udp"),  # the same for IPv6
        ("20 04 00 00 45 00 00 14 00 00", "udp"),  # a control message
        ("00 29 00 00 45 00 00 06 00 00", "udp"),  # the other protocol
        ("47 45 54 20 2f", "udp"),  # text
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(ethernet(4, ip(4, 17, udp(6080, octets(header))))).reason == reason
