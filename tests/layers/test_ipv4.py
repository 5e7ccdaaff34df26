"""IPv4."""

from pcapdiag.layers.packet import DONE_FRAGMENT, DONE_TCP
from tests.layers.frames import IPV4, TCP, decoded, octets

RAW = 101


def test_fields() -> None:
    found = decoded(IPV4 + TCP, RAW)
    assert found.outcome == DONE_TCP
    assert found["source"] == [0xC6336407, 0, 0, 0]
    assert found["destination"] == [0xCB00710A, 0, 0, 0]
    assert (found["ttl"], found["ip_id"], found["ip_length"]) == (63, 0x1234, 44)


def test_options_are_skipped() -> None:
    longer = octets("46 00 00 30") + IPV4[4:] + octets("94 04 00 00")  # router alert
    found = decoded(longer + TCP, RAW)
    assert (found["source_port"], found["payload"]) == (32768, 4)


def test_length_0_is_a_packet_before_segmentation() -> None:
    offloaded = IPV4[:2] + bytes(2) + IPV4[4:]
    assert decoded(offloaded + TCP + bytes(4000), RAW)["payload"] == 4004


def test_a_cut_packet_keeps_its_length() -> None:
    found = decoded((IPV4 + TCP)[:41], RAW, wire=44)
    assert (found["payload"], found["payload_captured"]) == (4, 1)


def test_first_fragment_is_noted() -> None:
    found = decoded(IPV4[:6] + octets("20 00") + IPV4[8:] + TCP, RAW)
    assert (found.outcome, found["fragment"], found["more_fragments"]) == (DONE_FRAGMENT, 1, 1)
    assert (found["fragment_offset"], found["fragment_id"], found["protocol"]) == (0, 0x1234, 6)


def test_a_first_fragment_that_was_cut_shows_its_header() -> None:
    first = IPV4[:6] + octets("20 00") + IPV4[8:] + TCP
    found = decoded(first[:41], RAW, wire=44)
    assert (found.outcome, found["fragment"], found["more_fragments"]) == (DONE_TCP, 1, 1)


def test_later_fragments_hold_no_header() -> None:
    later = IPV4[:6] + octets("20 b9") + IPV4[8:] + TCP
    found = decoded(later, RAW)
    assert (found.outcome, found["fragment_offset"]) == (DONE_FRAGMENT, 0xB9 * 8)
    assert decoded(later[:41], RAW, wire=44).reason == "fragment"


def test_malformed() -> None:
    assert decoded(IPV4[:19], RAW).reason == "ipv4 truncated"
    assert decoded(octets("44") + IPV4[1:], RAW).reason == "ipv4 malformed"
    assert decoded(IPV4[:2] + octets("00 13") + IPV4[4:], RAW).reason == "ipv4 malformed"


def test_other_protocols_are_named() -> None:
    assert decoded(IPV4[:9] + octets("11") + IPV4[10:] + TCP, RAW).reason == "udp"
