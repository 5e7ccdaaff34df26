"""The event tables: bounded, in order, with the frame that proves each."""

from pcapdiag.flows.events import EVENT_KINDS, EVENTS_PER_FLOW
from tests.flows.stories import ACK, RST, SYN, Packet, dialogue, kinds, only, traffic


def test_a_dialogue_as_events() -> None:
    found = traffic(dialogue())
    assert kinds(found) == ["syn", "syn-ack", "data", "data", "turn", "fin", "fin"]
    assert found.events["frame"].tolist() == [1, 2, 4, 5, 6, 7, 8]
    assert found.events["record"].tolist() == [0] * 7
    assert found.events["ack"].tolist()[:2] == [-1, 101]
    assert set(EVENT_KINDS) >= set(kinds(found))


def test_events_of_a_flow_are_bounded_but_counted() -> None:
    syns = [Packet(1000.0 * n, SYN, 100) for n in range(EVENTS_PER_FLOW)]
    packets = [*syns, Packet(9e6, RST | ACK, 0, 101, back=True)]
    assert len(traffic(packets).events) == EVENTS_PER_FLOW
    # Each SYN but the first is a retransmission too.
    assert only(packets)["event_count"] == 2 * EVENTS_PER_FLOW
