"""TCP."""

from pcapdiag.layers.packet import DONE_TCP
from pcapdiag.layers.tcp import ACK, BEYOND, TOO_SHORT
from tests.layers.frames import IPV4, TCP, decoded, octets

RAW = 101


def test_fields() -> None:
    found = decoded(IPV4 + TCP, RAW)
    assert found.outcome == DONE_TCP
    assert (found["source_port"], found["destination_port"]) == (32768, 25)
    assert (found["seq"], found["ack"], found["flags"]) == (4096, 8192, 8 | ACK)
    assert (found["window"], found["payload"], found["payload_at"]) == (64240, 4, 40)


def test_a_header_cut_behind_the_window_is_enough() -> None:
    found = decoded((IPV4 + TCP)[:36], RAW, wire=44)
    assert (found.outcome, found["payload"], found["payload_captured"]) == (DONE_TCP, 4, 0)


def test_a_header_longer_than_its_packet_leaves_the_payload_open() -> None:
    longer = IPV4 + TCP[:12] + octets("f0") + TCP[13:]
    found = decoded(longer, RAW)
    assert (found["whole_header"], found["shown"]) == (BEYOND, 0)
    assert (found["payload"], found["payload_captured"]) == (0, 0)


def test_truncated() -> None:
    assert decoded((IPV4 + TCP)[:35], RAW, wire=44).reason == "tcp truncated"


def test_a_header_too_short_is_counted_and_no_more() -> None:
    found = decoded(IPV4 + TCP[:12] + octets("40") + TCP[13:], RAW)
    assert (found.outcome, found["whole_header"], found["shown"]) == (DONE_TCP, TOO_SHORT, 0)
    assert (found["payload"], found["payload_captured"]) == (8, 0)
