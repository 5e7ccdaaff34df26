"""VLAN tags."""

from pcapdiag.layers.packet import DONE_TCP
from tests.layers.frames import IPV4, MACS, TCP, decoded, octets


def test_tag() -> None:
    tag = octets("""
        81 00                    # 802.1Q
        60 64                    # priority 3, VLAN 100
        08 00                    # IPv4
    """)
    found = decoded(MACS + tag + IPV4 + TCP)
    assert (found.outcome, found["vlan"]) == (DONE_TCP, 100)


def test_the_outer_of_two_tags_counts() -> None:
    for outer in ("88 a8", "91 00", "81 00"):
        tags = octets(f"{outer} 00 07  81 00 00 2a  08 00")
        assert decoded(MACS + tags + IPV4 + TCP)["vlan"] == 7


def test_llc_behind_a_tag() -> None:
    tag = octets("81 00 00 05  00 34  aa aa 03 00 00 00 08 00")
    assert decoded(MACS + tag + IPV4 + TCP).outcome == DONE_TCP


def test_cut_tag() -> None:
    assert decoded(MACS + octets("81 00 00")).reason == "link header truncated"


def test_endless_tags_end() -> None:
    assert decoded(MACS + octets("81 00 00 05") * 40).reason == "nested too deep"
