"""Linux cooked capture, version 1."""

from pcapdiag.layers.packet import DONE_TCP, SENT
from tests.layers.frames import IPV4, TCP, decoded, octets

LINK = 113


def header(packet_type: int = 0, length: int = 6) -> bytes:
    return octets(f"""
        {packet_type:04x}        # packet type
        00 01                    # ARPHRD_ETHER
        {length:04x}             # length of the address
        02 00 5e 00 00 01 00 00  # the sender's address
        08 00                    # IPv4
    """)


def test_received_and_sent() -> None:
    for packet_type, direction, broadcast in ((0, 0, 0), (1, 1, 1), (2, 2, 1), (4, SENT, -1)):
        found = decoded(header(packet_type) + IPV4 + TCP, LINK)
        assert found.outcome == DONE_TCP
        assert found["link_direction"] == direction
        assert found["broadcast"] == broadcast


def test_the_receiver_is_not_known() -> None:
    found = decoded(header() + IPV4 + TCP, LINK)
    assert found["source_mac"] == 0x02005E000001
    assert found["destination_mac"] == -1


def test_devices_without_address() -> None:
    assert decoded(header(length=0) + IPV4 + TCP, LINK)["source_mac"] == -1


def test_cut_header() -> None:
    assert decoded(header()[:15], LINK).reason == "link header truncated"
