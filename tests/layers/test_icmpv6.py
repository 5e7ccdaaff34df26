"""ICMPv6: errors, neighbour discovery, redirects."""

from pcapdiag.layers.packet import DONE_ICMP, DONE_NEIGHBOR
from tests.layers.frames import TCP, decoded, octets
from tests.layers.test_ipv6 import ADDRESSES, IPV6, header

RAW = 101
TARGET = ADDRESSES[:16]


def message(text: str, rest: bytes = b"") -> bytes:
    body = octets(text) + rest
    return header(len(body), 58) + body


def test_too_big() -> None:
    found = decoded(message("02 00 00 00  00 00 05 00", IPV6 + TCP), RAW)
    assert found.outcome == DONE_ICMP
    assert (found["icmp_type"], found["icmp_mtu"]) == (2, 1280)
    assert (found["quoted_version"], found["quoted_source_port"]) == (6, 32768)


def test_solicitation() -> None:
    option = octets("01 01 02 00 5e 00 00 01")
    found = decoded(message("87 00 00 00 00 00 00 00", TARGET + option), RAW)
    assert (found.outcome, found["neighbor_kind"]) == (DONE_NEIGHBOR, 2)
    assert found["target"] == [0x20010DB8, 0, 0, 7]
    assert found["sender"] == found["source"]
    assert found["sender_mac"] == 0x02005E000001


def test_advertisement_speaks_for_its_target() -> None:
    option = octets("02 01 02 00 5e 00 00 09")
    found = decoded(message("88 00 00 00 60 00 00 00", TARGET + option), RAW)
    assert (found["neighbor_kind"], found["sender_mac"]) == (3, 0x02005E000009)
    assert found["sender"] == [0x20010DB8, 0, 0, 7]


def test_solicitation_without_option() -> None:
    assert decoded(message("87 00 00 00 00 00 00 00", TARGET), RAW)["sender_mac"] == -1
    endless = TARGET + octets("0e 00 00 00 00 00 00 00") * 3
    assert decoded(message("87 00 00 00 00 00 00 00", endless), RAW)["sender_mac"] == -1


def test_redirect() -> None:
    option = octets("04 0a 00 00 00 00 00 00") + IPV6 + TCP
    found = decoded(message("89 00 00 00 00 00 00 00", ADDRESSES + option), RAW)
    assert found.outcome == DONE_ICMP
    assert found["icmp_gateway"] == [0x20010DB8, 0, 0, 7]
    assert found["quoted_destination_port"] == 25
    alone = decoded(message("89 00 00 00 00 00 00 00", ADDRESSES), RAW)
    assert (alone.outcome, alone["quoted_version"]) == (DONE_ICMP, 0)


def test_others_and_cut_ones_are_named() -> None:
    assert decoded(message("80 00 00 00 00 01 00 01"), RAW).reason == "icmp"
    assert decoded(message("87 00 00 00 00 00 00 00", TARGET[:15]), RAW).reason == "icmp truncated"
    assert decoded(message("87 00"), RAW).reason == "icmp truncated"
