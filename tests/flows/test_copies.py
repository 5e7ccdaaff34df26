"""Copies of packets: hops, duplicates, and what is neither."""

from dataclasses import replace
from typing import Any

import pytest

from pcapdiag.flows.build import read_traffic
from pcapdiag.flows.table import TUNNELS
from tests.flows.stories import (
    ACK,
    BALANCER_MAC,
    CLIENT_MAC,
    ROUTER_MAC,
    SERVER_MAC,
    SYN,
    Frames,
    Packet,
    dialogue,
    flows,
    handshake,
    kinds,
    says,
    traffic,
)  # fmt: skip
from tests.layers.stacks import ip


def behind(packet: Packet) -> Packet:
    """Return a packet as it is behind the router."""
    return replace(packet, macs=(BALANCER_MAC, SERVER_MAC), ttl=63)


def routed(packets: list[Packet], back: bool = True) -> list[Packet]:
    """Return each packet, and 0.1 ms later the same one on the other side of a router."""
    both = []
    for packet in packets:
        here, there = packet, replace(behind(packet), at_ms=packet.at_ms + 0.1)
        if packet.back:
            # From the server's side the far hop comes first.
            here = behind(packet)
            there = replace(packet, at_ms=packet.at_ms + 0.1, ttl=62)
        both += [here] if packet.back and not back else [here, there]
    return both


def hops(found: Any) -> list[list[int]]:
    return [flow["packets"].tolist() for flow in found if flow["hop"] >= 0]


def test_routed_flow_has_two_hops() -> None:
    found = flows(routed(dialogue()))
    assert found["hop"].tolist() == [-1, 0, 1]
    assert found["packets"].tolist() == [[8, 10], [4, 5], [4, 5]]
    assert found["copies"][0].tolist() == [4, 5]
    assert found["retransmissions"][1:].tolist() == [[0, 0], [0, 0]]
    assert found["mac"][1].tolist() == [[CLIENT_MAC, BALANCER_MAC], [BALANCER_MAC, CLIENT_MAC]]
    assert found["mac"][2].tolist() == [[BALANCER_MAC, SERVER_MAC], [SERVER_MAC, BALANCER_MAC]]
    assert found["handshake"].tolist() == [4, 4, 4]
    assert found["bytes"][1:].tolist() == [[6, 25], [6, 25]]


def test_records_know_each_other() -> None:
    found = flows([*routed(dialogue()), Packet(500, SYN, 9000)])
    assert found["flow"].tolist() == [0, 0, 0, 1]
    assert found["whole"].tolist() == [0, 0, 0, 3]
    assert found["first_hop"].tolist() == [1, 1, 1, -1]
    assert found["next_hop"].tolist() == [-1, 2, -1, -1]


def test_direct_server_return_has_no_way_back() -> None:
    there = [packet for packet in dialogue() if not packet.back]
    assert hops(flows(routed(there))) == [[4, 0], [4, 0]]


def test_events_belong_to_hops() -> None:
    found = traffic(routed(handshake()))
    assert kinds(found) == ["syn", "syn", "syn-ack", "syn-ack"]
    assert found.flows["hop"][found.events["record"]].tolist() == [0, 1, 1, 0]


def test_a_retransmission_is_one_at_every_hop() -> None:
    lost = [*handshake(), says(30, 101, 501, b"abc"), says(400, 101, 501, b"abc")]
    found = flows(routed(lost))
    assert found["retransmissions"][1:].tolist() == [[1, 0], [1, 0]]


@pytest.mark.parametrize(
    ("second", "duplicates"),
    [
        (Packet(20.2, ACK, 101, 501, b"abc", ip_id=7), 1),  # captured twice
        (Packet(20.2, ACK, 101, 501, b"abc", ip_id=8), 0),  # sent again at once
        (Packet(80.2, ACK, 101, 501, b"abc", ip_id=7), 0),  # too late for a copy
    ],
)
def test_duplicates_of_the_capture(second: Packet, duplicates: int) -> None:
    first = Packet(20, ACK, 101, 501, b"abc", ip_id=7)
    (flow,) = flows([*handshake()[:2], first, second])
    assert flow["duplicates"].tolist() == [duplicates, 0]


def test_without_identification_only_the_time_tells() -> None:
    near, far = says(30, 101, 501, b"abc"), says(30.5, 101, 501, b"abc")
    assert flows([*handshake(), near, far])[0]["duplicates"][0] == 1
    assert flows([*handshake(), near, replace(far, at_ms=35)])[0]["duplicates"][0] == 0


def test_equal_acks_without_identification_ask_for_something() -> None:
    asks = [Packet(30 + n / 10, ACK, 501, 101, back=True) for n in range(4)]
    (flow,) = flows([*handshake(), *asks])
    assert flow["duplicates"].tolist() == [0, 0]
    assert flow["duplicate_acks"].tolist() == [0, 4]


def test_another_gateway_is_no_hop() -> None:
    failover = [replace(p, macs=(ROUTER_MAC, BALANCER_MAC)) for p in dialogue()[4:]]
    (flow,) = flows([*dialogue()[:4], *failover])
    assert flow["mac_changes"].tolist() == [1, 1]
    assert flow["copies"].tolist() == [0, 0]


def test_another_way_back_is_no_hop() -> None:
    back = [replace(p, macs=(ROUTER_MAC, BALANCER_MAC)) if p.back else p for p in dialogue()]
    assert len(flows(back)) == 1


def test_a_loop_stays_bounded() -> None:
    loop = []
    for turn in range(20):
        macs = (1, 2) if turn % 2 == 0 else (2, 1)
        loop.append(Packet(turn / 10, SYN, 100, ttl=64 - turn, macs=macs))
    found = flows(loop)
    assert found["hop"].tolist() == [-1, 0, 1, 2, 3]
    assert found["copies"][0].tolist() == [19, 0]
    assert hops(found) == [[1, 0]] * 4


def test_another_interface_is_another_hop() -> None:
    twice = [replace(p, interface=n, at_ms=p.at_ms + n / 10) for p in dialogue() for n in (0, 1)]
    assert hops(flows(twice)) == [[4, 5], [4, 5]]
    assert flows(twice)["interface"].tolist() == [0, 0, 1]


def test_a_packet_missing_at_the_first_hop_is_the_second_s() -> None:
    packets = routed(dialogue())
    gone = [p for p in packets if not (p.payload.startswith(b"QUIT") and p.ttl == 64)]
    assert len(gone) == len(packets) - 1
    found = flows(gone)
    assert hops(found) == [[3, 5], [4, 5]]
    assert found["lost_segments"][1:].tolist() == [[1, 0], [0, 0]]


@pytest.mark.parametrize("protocol", [4, 47])
def test_a_tunnel_is_another_hop(protocol: int) -> None:
    """IPVS with tunnels: the client's packets come in plain and leave in IPIP or GRE."""
    packets: list[tuple[float, bytes, int | None, int]] = []
    for packet in (Packet(0, SYN, 100, ip_id=7), Packet(5, ACK, 101, 501, ip_id=8)):
        inner = replace(packet, ttl=63).frame()[14:]
        load = inner if protocol == 4 else b"\0\0\x08\0" + inner
        link = packet.frame()[:14]
        packets.append((packet.at_ms, packet.frame(), None, 0))
        packets.append((packet.at_ms + 0.1, link + ip(4, protocol, load), None, 0))
    table = read_traffic([Frames(packets)], compiled=False).flows.records
    assert table["hop"].tolist() == [-1, 0, 1]
    assert table["packets"].tolist() == [[4, 0], [2, 0], [2, 0]]
    assert [TUNNELS[code] for code in table["tunnel"]] == [
        "",
        "",
        "ipip" if protocol == 4 else "gre",
    ]
    assert table["outer"][:, :, 0].tolist() == [[0, 0], [0, 0], [0xC0000201, 0xC0000202]]
