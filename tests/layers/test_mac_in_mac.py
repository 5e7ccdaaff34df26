"""Frames of a backbone: what is not read has a name; the rest is in stacks.py."""

import pytest

from pcapdiag.layers import tunnel
from pcapdiag.layers.packet import DONE_TCP
from tests.layers.frames import MACS, decoded, octets
from tests.layers.stacks import frame


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("88 e7 00 00 00", "link header truncated"),  # cut
        ("89 03 40 20 00 00", "link header truncated"),  # cut
        ("22 f3 07 ff 00 01 00 02", "link header truncated"),  # options beyond the end
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(MACS + octets(header)).reason == reason


def test_fabricpath() -> None:
    """Not among the stacks: tshark takes the last four octets for a checksum."""
    found = decoded(MACS + octets("89 03 40 20") + frame(4))
    assert (found.outcome, found["payload"]) == (DONE_TCP, 4)
    assert (tunnel.WORDS[found["tunnel"]], found["tunnel_id"]) == ("fabricpath", 256)
    assert found["source_mac"] == 0x02005E000003
