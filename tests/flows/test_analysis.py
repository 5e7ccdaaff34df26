"""Findings about single packets, on stories whose truth tshark 4.0 confirmed (see compare.py)."""

from dataclasses import replace
from typing import Any

from pcapdiag.flows.findings import NOT_NEW
from tests.flows.stories import ACK, FIN, SYN, Packet, handshake, only, says

FULL = b"x" * 100


def sender(*packets: Packet) -> Any:
    return only([*handshake(), *packets])


def test_new_data_is_nothing() -> None:
    flow = sender(says(30, 101, 501, FULL), says(31, 201, 501, FULL))
    assert flow["retransmissions"].tolist() == [0, 0]
    assert NOT_NEW


def test_retransmission_after_a_timeout() -> None:
    flow = sender(says(30, 101, 501, FULL), says(330, 101, 501, FULL))
    assert flow["retransmissions"].tolist() == [1, 0]
    assert flow["fast_retransmissions"].tolist() == [0, 0]


def test_fast_retransmission() -> None:
    hole = [says(30, 101, 501, FULL), says(31, 301, 501, FULL), says(32, 401, 501, FULL)]
    asks = [Packet(40 + n, ACK, 501, 201, back=True) for n in range(4)]
    flow = sender(*hole, *asks, says(50, 201, 501, FULL))
    assert flow["lost_segments"].tolist() == [1, 0]
    assert flow["duplicate_acks"].tolist() == [0, 3]
    assert flow["fast_retransmissions"].tolist() == [1, 0]
    assert flow["retransmissions"].tolist() == [1, 0]


def test_spurious_retransmission() -> None:
    sent, acked = says(30, 101, 501, FULL), Packet(40, ACK, 501, 201, back=True)
    flow = sender(sent, acked, says(300, 101, 501, FULL))
    assert flow["spurious_retransmissions"].tolist() == [1, 0]


def test_out_of_order_within_the_round_trip() -> None:
    early = [says(30, 101, 501, FULL), says(31, 301, 501, FULL)]
    assert sender(*early, says(32, 201, 501, FULL))["out_of_order"].tolist() == [1, 0]
    assert sender(*early, says(99, 201, 501, FULL))["retransmissions"].tolist() == [1, 0]


def test_ack_for_what_was_not_captured() -> None:
    told_once = [Packet(30 + n, ACK, 501, 900, back=True, window=1000 + n) for n in range(3)]
    assert sender(*told_once)["acked_unseen"].tolist() == [0, 1]


def test_keep_alive() -> None:
    flow = sender(Packet(9000, ACK, 100, 501), Packet(9001, ACK, 501, 101, back=True))
    assert flow["keep_alives"].tolist() == [1, 0]
    assert flow["duplicate_acks"].tolist() == [0, 0]
    assert flow["retransmissions"].tolist() == [0, 0]


def test_zero_window_and_its_probe() -> None:
    closed = Packet(40, ACK, 501, 201, back=True, window=0)
    opened = Packet(60, ACK, 501, 201, back=True, window=500)
    flow = sender(says(30, 101, 501, FULL), closed, says(50, 201, 501, b"x"), opened)
    assert flow["zero_windows"].tolist() == [0, 1]
    assert flow["zero_window_probes"].tolist() == [1, 0]
    assert flow["window_updates"].tolist() == [0, 1]
    assert flow["acked_unseen"].tolist() == [0, 0]


def test_window_full_with_scaling() -> None:
    scaled = handshake(options=bytes.fromhex("03030100"))
    ready = Packet(25, ACK, 501, 101, back=True, window=50)
    flow = only([*scaled, ready, says(30, 101, 501, FULL)])
    assert flow["window_full"].tolist() == [1, 0]


def test_numbers_wrap() -> None:
    top = 2**32 - 50
    flow = only([
        Packet(0, SYN, top - 1),
        Packet(10, SYN | ACK, 500, top, back=True),
        says(20, top, 501, FULL),
        says(30, 50, 501, FULL),
        Packet(40, ACK, 501, 150, back=True),
        says(300, top, 501, FULL),
        Packet(400, FIN | ACK, 150, 501),
    ])  # fmt: skip
    assert flow["bytes"].tolist() == [300, 0]
    assert flow["lost_segments"].tolist() == [0, 0]
    assert flow["spurious_retransmissions"].tolist() == [1, 0]


def test_a_clock_that_went_back_makes_everything_out_of_order() -> None:
    # The first round trip is -10 ms, which Wireshark takes for a very long one.
    packets = [Packet(0, SYN, 100), Packet(1, SYN | ACK, 500, 101, back=True)]
    packets += [Packet(-10 + 20, ACK, 101, 501), says(20, 101, 501, FULL), says(21, 201, 501, FULL)]
    late = says(900, 101, 501, FULL)
    assert only([*packets, late])["out_of_order"].tolist() == [0, 0]
    packets[0] = Packet(20, SYN, 100)
    assert only([*packets, late])["out_of_order"].tolist() == [1, 0]


def test_a_syn_sent_again_with_data_goes_on_behind_it() -> None:
    flow = only([Packet(0, SYN, 100), Packet(100, SYN, 100, payload=FULL), Packet(200, FIN, 200)])
    assert flow["retransmissions"].tolist() == [1, 0]


def test_mptcp_may_repeat_an_ack() -> None:
    option = bytes([30, 4, 0x50, 0])
    asks = [Packet(40 + n, ACK, 501, 101, back=True) for n in range(5)]
    assert sender(*asks)["duplicate_acks"].tolist() == [0, 5]
    asks[1] = replace(asks[1], options=option)
    assert sender(*asks)["duplicate_acks"].tolist() == [0, 4]
