"""Linux cooked capture, version 2."""

from pcapdiag.layers.packet import DONE_TCP, SENT
from tests.layers.frames import IPV4, TCP, decoded, octets

LINK = 276
HEADER = octets("""
    08 00                    # IPv4
    00 00                    # reserved
    00 00 00 03              # interface 3
    00 01 04 06              # ARPHRD_ETHER, sent by us, 6 octets of address
    02 00 5e 00 00 01 00 00  # the sender's address
""")


def test_interface_and_direction() -> None:
    found = decoded(HEADER + IPV4 + TCP, LINK)
    assert found.outcome == DONE_TCP
    assert found["link_index"] == 3
    assert found["link_direction"] == SENT
    assert found["source_mac"] == 0x02005E000001


def test_cut_header() -> None:
    assert decoded(HEADER[:19], LINK).reason == "link header truncated"


def test_a_packet_type_of_another_kind_says_nothing() -> None:
    strange = HEADER[:10] + b"\x09" + HEADER[11:]
    assert decoded(strange + IPV4 + TCP, LINK)["link_direction"] == -1
