"""UDP: ports that announce encapsulations, and those that do not."""

import pytest

from pcapdiag.layers.packet import DONE_TCP
from tests.layers.frames import decoded, octets
from tests.layers.stacks import ethernet, frame, ip, udp


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("c3 50 12 b5 00 08", "udp truncated"),  # cut
        ("c3 50 00 35 00 08 00 00", "udp"),  # a query
        ("00 35 12 b5 00 08 00 00", "udp"),  # a query's answer to an ephemeral port that VXLAN uses
        ("c3 50 21 18 00 10 00 00 09 00 00 00 00 00 07 00", "udp"),  # not VXLAN in every bit
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(ethernet(4, ip(4, 17, octets(header)))).reason == reason


VXLAN = octets("08 00 00 00 00 00 07 00")


def test_the_port_of_either_end_counts() -> None:
    for source, destination in ((50_000, 4789), (4789, 50_000), (1024, 4789)):
        data = udp(destination, VXLAN + frame(4), source)
        assert decoded(ethernet(4, ip(4, 17, data))).outcome == DONE_TCP


def test_what_follows_the_datagram_is_not_read() -> None:
    data = udp(4789, VXLAN) + frame(4)
    assert decoded(ethernet(4, ip(4, 17, data))).reason == "link header truncated"
