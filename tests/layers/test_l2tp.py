"""L2TP: what is not read has a name; the rest is in stacks.py."""

import pytest

from tests.layers.frames import decoded, octets
from tests.layers.stacks import ethernet, ip, udp


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("00", "tunnel header truncated"),  # cut
        ("c8 02 00 0c 00 05 00 00 00 00 00 01", "tunnel control"),  # acknowledgement
        ("00 03 00 00 00 00 00 09 ff 03", "l2tpv3"),  # version 3, no frame
        ("00 01 00 00 00 00 00 09 ff 03", "tunnel header malformed"),  # Cisco's L2F
        ("40 02 00 05", "tunnel header truncated"),  # cut
        ("02 02 00 05 00 06", "tunnel header truncated"),  # no offset
        ("00 02 00 05 00 06 c0 21", "ppp protocol 0xc021"),  # LCP
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(ethernet(4, ip(4, 17, udp(1701, octets(header))))).reason == reason
