"""TCP options."""

import pytest

from pcapdiag.layers.packet import Packet, plain_packet
from pcapdiag.layers.tcp_options import tcp_options
from tests.layers.frames import octets

NAMES = ("mss", "window_scale", "sack_permitted", "timestamp")


def options(text: str) -> Packet:
    data = octets(text)
    packet = plain_packet() | {"shown": 1}
    tcp_options(memoryview(data), 0, len(data), packet)
    return packet


def test_a_syn_of_linux() -> None:
    found = options("""
        02 04 05 b4                    # MSS 1460
        04 02                          # SACK permitted
        08 0a 00 00 10 00 00 00 00 00  # TSval 4096
        01                             # no operation
        03 03 07                       # window scale 7
    """)
    assert [found[name] for name in NAMES] == [1460, 7, 1, 4096]


def test_the_usual_list_of_data_packets() -> None:
    found = options("01 01 08 0a 00 00 10 00 00 00 00 00")
    assert [found[name] for name in NAMES] == [-1, -1, -1, 4096]


@pytest.mark.parametrize(
    "text",
    [
        "02 04 05",  # cut
        "02 00 05 b4",  # length 0 would never end
        "02 01 05 b4",
        "02 ff 05 b4",  # beyond the header
        "00 02 04 05 b4",  # behind the end of the list
        "02 03 05",  # an MSS of one octet
        "02",
        "",
    ],
)
def test_malformed_ones_are_not_read(text: str) -> None:
    assert [options(text)[name] for name in NAMES] == [-1, -1, -1, -1]


def test_digest_tells_acks_apart_but_not_clamped_syns() -> None:
    sack = "01 01 05 0a 00 00 00 01 00 00 00 {:02x}"
    assert options(sack.format(2))["options_digest"] != options(sack.format(3))["options_digest"]
    assert options("02 04 05 b4")["options_digest"] == options("02 04 05 64")["options_digest"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("05 0a 00 00 00 01 00 00 00 02", 1),
        ("05 0b 00 00 00 01 00 00 00 02 00", 1),
        ("05 06 00 00 00 01", 0),  # no whole block
        ("1e 04 50 00", 1),
        ("1e 03 50", 0),
    ],
)
def test_findings_are_not_shown_behind_blocks_that_are_none(text: str, shown: int) -> None:
    assert options(text)["shown"] == shown


def test_subtypes_of_mptcp() -> None:
    assert options("1e 04 30 00 1e 04 50 00")["multipath"] == 1 << 3 | 1 << 5
    assert options("02 04 05 b4")["multipath"] == 0
