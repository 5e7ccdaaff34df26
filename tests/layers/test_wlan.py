"""802.11: what is not read has a name; the rest is in stacks.py."""

import pytest

from pcapdiag.layers.packet import DONE_TCP
from tests.layers.frames import IPV4, TCP, decoded, octets


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("08 02 00 00", "link header truncated"),  # cut
        (
            "80 00" + "00" * 22,
            "wireless frame without data",
        ),  # a beacon
        (
            "48 01" + "00" * 22,
            "wireless frame without data",
        ),  # no data
        (
            "08 41" + "00" * 22,
            "encrypted",
        ),  # protected
        (
            "88 02" + "00" * 22,
            "link header truncated",
        ),  # no QoS control
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(octets(header), 105).reason == reason


LOGICAL = octets("aa aa 03 00 00 00 08 00")


def test_four_addresses_and_ht_control() -> None:
    header = octets("88 83") + bytes(22) + bytes(6) + bytes(6)
    assert decoded(header + LOGICAL + IPV4 + TCP, 105).outcome == DONE_TCP


def test_the_first_of_aggregated_frames_counts() -> None:
    header = octets("88 02") + bytes(22) + octets("80 00") + bytes(12) + octets("00 34")
    assert decoded(header + LOGICAL + IPV4 + TCP, 105).outcome == DONE_TCP
