"""Ethernet II and 802.3 length frames."""

from pcapdiag.layers.packet import DONE_TCP, STOP
from tests.layers.frames import IPV4, MACS, PACKET, TCP, decoded, octets


def test_addresses_and_type() -> None:
    found = decoded(PACKET)
    assert found.outcome == DONE_TCP
    assert found["destination_mac"] == 0x02005E000002
    assert found["source_mac"] == 0x02005E000001
    assert found["broadcast"] == 0


def test_group_addresses_are_broadcast() -> None:
    assert decoded(b"\xff" * 6 + PACKET[6:])["broadcast"] == 1
    assert decoded(octets("01 00 5e 00 00 12") + PACKET[6:])["broadcast"] == 1


def test_padding_is_no_payload() -> None:
    assert decoded(PACKET + bytes(18))["payload"] == 4


def test_a_length_announces_llc() -> None:
    frame = MACS + octets("00 34  aa aa 03 00 00 00 08 00") + IPV4 + TCP
    assert decoded(frame).outcome == DONE_TCP


def test_cut_header() -> None:
    found = decoded(PACKET[:13], wire=len(PACKET))
    assert (found.outcome, found.reason) == (STOP, "link header truncated")


def test_unknown_ether_type() -> None:
    assert decoded(MACS + octets("88 cc 02 07")).reason == "ethertype 0x88cc"
