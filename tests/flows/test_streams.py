"""Where a connection ends and the next of the same end points begins; checked against tshark 4.0."""

from pcapdiag.flows.build import read_traffic
from pcapdiag.flows.table import HANDSHAKES
from tests.flows.stories import (
    ACK,
    FIN,
    SYN,
    Frames,
    Packet,
    dialogue,
    flows,
    handshake,
    only,
)  # fmt: skip


def streams(packets: list[Packet]) -> list[list[int]]:
    return [flow["packets"].tolist() for flow in flows(packets)]


def test_another_number_is_another_connection() -> None:
    found = flows([*dialogue(), Packet(500, SYN, 9000)])
    assert found["flow"].tolist() == [0, 1]
    assert found["reused_ports"].tolist() == [0, 1]


def test_the_same_number_is_the_same_connection_sent_again() -> None:
    assert streams([*dialogue(), Packet(500, SYN, 100)]) == [[5, 5]]


def test_a_syn_ack_with_another_number_stays() -> None:
    assert streams([*handshake(), Packet(30, SYN | ACK, 900, 101, back=True)]) == [[2, 2]]


def test_a_syn_ack_with_another_number_replaces_it() -> None:
    answered = [Packet(0, SYN, 100), Packet(1, SYN | ACK, 700)]
    assert streams([*answered, Packet(2, SYN, 700)]) == [[3, 0]]
    assert streams([*answered, Packet(2, SYN, 100)]) == [[2, 0], [1, 0]]


def test_a_header_beyond_its_packet_teaches_no_number() -> None:
    beyond = Frames([(0, longer(Packet(0, SYN, 100)), None, 0)])
    beyond.frames += [(1, Packet(1, SYN, 900).frame(), None, 0)]
    assert read_traffic([beyond], compiled=False).flows["packets"].tolist() == [[2, 0]]


def longer(packet: Packet) -> bytes:
    """Return a frame whose TCP header says that it has 60 octets."""
    frame = packet.frame()
    return frame[:46] + b"\xf0" + frame[47:]


def test_numbers_are_learnt_from_the_first_packet_without_a_syn() -> None:
    begun = [Packet(0, ACK, 101, 501), Packet(1, ACK, 501, 101, back=True)]
    assert streams([*begun, Packet(2, SYN, 100)]) == [[2, 1]]
    assert streams([*begun, Packet(2, SYN, 900)]) == [[1, 1], [1, 0]]


def test_the_number_of_the_other_side_is_learnt_from_its_ack() -> None:
    answer = Packet(0, ACK, 501, 104, back=True)
    assert len(streams([answer, Packet(1, SYN, 103)])) == 1
    assert len(streams([answer, Packet(1, SYN, 500)])) == 2


def test_ipv6_and_ipv4_do_not_mix() -> None:
    ends = ("::c633:6407", 40000, "::cb00:710a", 25)
    assert len(flows([Packet(0, SYN, 100), Packet(1, SYN, 100, ends=ends)])) == 2


def test_both_ends_equal() -> None:
    found = only([Packet(0, SYN, 100, ends=("192.0.2.1", 80, "192.0.2.1", 80))])
    assert HANDSHAKES[found["handshake"]] == "unanswered"
    same = ("192.0.2.1", 80, "192.0.2.1", 80)
    answered = only([Packet(0, SYN | ACK, 100, ends=same), Packet(1, ACK, 101, ends=same)])
    assert answered["packets"].tolist() == [2, 0]


def test_who_began_when_no_syn_tells() -> None:
    answer = only([Packet(0, ACK | FIN, 5, 5, back=True)])
    assert answer["port"].tolist() == [40000, 25]
    both_high = only([Packet(0, ACK, 5, 5, ends=("192.0.2.1", 5000, "192.0.2.2", 6000))])
    assert both_high["port"].tolist() == [5000, 6000]
    greeted = only([Packet(0, SYN | ACK, 500, 101, ends=("192.0.2.1", 5000, "192.0.2.2", 6000))])
    assert greeted["port"].tolist() == [6000, 5000]
