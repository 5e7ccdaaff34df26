"""What packets change in a record: handshake, close, counts and times."""

import pytest

from pcapdiag.flows.build import read_traffic
from pcapdiag.flows.table import CLOSES, HANDSHAKES
from tests.flows.stories import (
    ACK,
    FIN,
    MS,
    RST,
    START_NS,
    SYN,
    Packet,
    capture,
    dialogue,
    handshake,
    only,
    says,
)  # fmt: skip

SYN_ONLY = [Packet(0, SYN, 100)]
SYN_ACK = Packet(10, SYN | ACK, 500, 101, back=True)
RESET = Packet(10, RST | ACK, 0, 101, back=True)


@pytest.mark.parametrize(
    ("word", "packets"),
    [
        ("not-seen", [Packet(0, ACK, 101, 501)]),
        ("unanswered", SYN_ONLY),
        ("unanswered", [*SYN_ONLY, Packet(1000, SYN, 100), Packet(1500, RST, 101)]),
        ("refused", [*SYN_ONLY, RESET]),
        ("partial", [*SYN_ONLY, SYN_ACK]),
        ("partial", [*SYN_ONLY, SYN_ACK, Packet(20, RST | ACK, 501, 101, back=True)]),
        ("partial", [*SYN_ONLY, Packet(20, ACK, 101, 501)]),  # one way only
        ("partial", [*SYN_ONLY, SYN_ACK, Packet(20, ACK, 101, 400)]),  # covers something older
        ("partial", [*SYN_ONLY, Packet(10, ACK, 900, 3, back=True)]),  # an answer from long ago
        ("complete", handshake()),
        ("complete", [*SYN_ONLY, SYN_ACK, says(20, 101, 501, b"x")]),
        ("complete", [*handshake(), Packet(30, RST, 501, back=True)]),
    ],
)
def test_handshake(word: str, packets: list[Packet]) -> None:
    assert HANDSHAKES[only(packets)["handshake"]] == word


@pytest.mark.parametrize(
    ("word", "packets"),
    [
        ("open", handshake()),
        ("open", [*handshake(), Packet(30, FIN | ACK, 101, 501)]),
        ("fin", dialogue()),
        ("fin", [*dialogue(), Packet(90, RST, 108)]),
        ("reset", [*handshake(), Packet(30, RST, 101)]),
        ("reset", [*handshake(), Packet(30, FIN | ACK, 101, 501), Packet(40, RST, 501, back=True)]),
    ],
)
def test_close(word: str, packets: list[Packet]) -> None:
    assert CLOSES[only(packets)["close"]] == word


def test_counts_and_times() -> None:
    flow = only(dialogue())
    assert flow["packets"].tolist() == [4, 5]
    assert flow["bytes"].tolist() == [6, 25]
    assert flow["frame_bytes"].tolist() == [4 * 54 + 6, 5 * 54 + 25]
    assert (flow["first_frame"], flow["last_frame"]) == (1, 9)
    assert flow["last_ns"] - flow["first_ns"] == 80 * MS
    assert flow["first_rtt_ns"] == 20 * MS
    assert flow["first_data_ns"].tolist() == [START_NS + 40 * MS, START_NS + 30 * MS]
    assert flow["turns"].tolist() == [1, 2]
    assert flow["highest_ack"].tolist() == [527, 108]
    assert flow["largest_payload"].tolist() == [6, 16]
    assert flow["largest_acked_payload"].tolist() == [6, 16]


def test_handshake_options() -> None:
    options = bytes.fromhex("020405b40402080a0000100000000000010303ff")
    flow = only(handshake(options=options))
    assert flow["mss"].tolist() == [1460, 1460]
    assert flow["window_scale"].tolist() == [255, 255]
    assert flow["sack_permitted"].tolist() == [1, 1]
    assert flow["timestamp"].tolist() == [4096, 4096]


def test_ttl_and_macs() -> None:
    changed = Packet(90, ACK, 101, 501, ttl=61, macs=(0x99, 0x0C))
    flow = only([*handshake(), changed])
    assert (flow["ttl"][0], flow["ttl_low"][0], flow["ttl_high"][0]) == (64, 61, 64)
    assert flow["mac"].tolist() == [[0x0A, 0x0C], [0x0C, 0x0A]]
    assert flow["mac_changes"].tolist() == [1, 0]


def test_cut_packets() -> None:
    packet = Packet(30, ACK, 101, 501, b"x" * 100, cut=60)
    flow = only([*handshake(), packet])
    assert (flow["cut"][0], flow["bytes"][0], flow["prefix_length"][0]) == (1, 100, 6)


def test_an_interface_without_times() -> None:
    flow = only([Packet(-1, SYN, 100), Packet(-1, SYN | ACK, 500, 101, back=True)])
    assert (flow["first_ns"], flow["last_ns"], flow["first_rtt_ns"]) == (-1, -1, -1)
    assert flow["packets"].tolist() == [1, 1]


def test_a_segment_that_nobody_acknowledges() -> None:
    data = [Packet(1000 + 400 * n, ACK, 101, 501, b"x" * 1460) for n in range(5)]
    flow = only([*handshake(), *data])
    assert (flow["stuck_count"][0], flow["stuck_payload"][0]) == (5, 1460)
    assert flow["data_retransmissions"].tolist() == [4, 0]
    assert flow["largest_acked_payload"][0] == 0


def test_a_header_too_short_says_nothing_of_the_connection() -> None:
    frame = Packet(5, SYN | ACK, 500, 101, b"x", back=True).frame()
    story = capture([Packet(0, SYN, 100), Packet(20, ACK, 101, 501)])
    story.frames.insert(1, (5, frame[:46] + b"\x40" + frame[47:], None, 0))
    (flow,) = read_traffic([story], compiled=False).flows.records
    assert (flow["packets"].tolist(), flow["bytes"].tolist()) == ([2, 1], [0, 5])
    assert (flow["completeness"], flow["syn_ack_count"]) == (1 | 4, 0)


@pytest.mark.parametrize(
    ("completeness", "packets"),
    [
        (1 | 8, [Packet(0, SYN, 100, payload=b"x")]),
        (1, [*SYN_ONLY, Packet(5, SYN, 100, payload=b"x")]),
        (1, [*SYN_ONLY, Packet(5, FIN, 101)]),
        (1 | 4 | 16, [*SYN_ONLY, Packet(5, FIN | ACK, 101)]),
        (1 | 8 | 32, [*SYN_ONLY, Packet(5, RST | ACK, 101, payload=b"x")]),
        (0, [Packet(0, RST, 101), Packet(5, SYN, 100)]),
    ],
)
def test_completeness(completeness: int, packets: list[Packet]) -> None:
    assert only(packets)["completeness"] == completeness
