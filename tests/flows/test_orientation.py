"""Who began, when other connections tell."""

from dataclasses import replace

from pcapdiag.flows.orientation import PER_DIRECTION
from tests.flows.stories import ACK, SYN, Packet, flows, handshake, says, traffic

SERVICE = ("198.51.100.7", 40000, "203.0.113.10", 8443)


def late(port: int, at_ms: float = 0) -> list[Packet]:
    """Return the end of a connection of which the server is heard first."""
    ends = ("198.51.100.7", port, "203.0.113.10", 8443)
    packets = [says(at_ms, 501, 101, b"bye", back=True), Packet(at_ms + 1, ACK, 101, 504)]
    return [replace(packet, ends=ends) for packet in packets]


def test_an_end_point_that_answered_elsewhere_is_the_responder() -> None:
    found = flows([*late(5000), *handshake(100, ends=SERVICE)])
    assert found["port"].tolist() == [[5000, 8443], [40000, 8443]]
    assert found["packets"].tolist() == [[1, 1], [2, 1]]
    assert found["bytes"].tolist() == [[0, 3], [0, 0]]


def test_an_end_point_that_many_share_is_the_responder() -> None:
    found = flows([*late(5000), *late(5001, 10), *late(5002, 20)])
    assert found["port"][:, 1].tolist() == [8443] * 3


def test_alone_the_first_packet_tells() -> None:
    assert flows(late(5000))["port"].tolist() == [[8443, 5000]]


def test_events_turn_too() -> None:
    found = traffic([*late(5000), *handshake(100, ends=SERVICE)])
    assert found.events["direction"].tolist() == [1, 0, 1]


def test_a_syn_is_never_doubted() -> None:
    backwards = [
        Packet(n, SYN, 9, ends=("203.0.113.10", 8443, "198.51.100.7", 5000 + n)) for n in range(3)
    ]
    assert flows(backwards)["port"][:, 0].tolist() == [8443] * 3


def test_columns_of_the_path_are_not_turned() -> None:
    assert "outer" not in PER_DIRECTION
    assert {"mac", "address", "port", "prefix", "bytes"} <= set(PER_DIRECTION)
