"""Neighbour messages and ICMP errors in their tables."""

from typing import Any

import pytest

from pcapdiag.flows import listing
from pcapdiag.flows.build import read_traffic
from pcapdiag.flows.events import NEIGHBOR_KINDS
from pcapdiag.flows.result import Traffic
from tests.flows.stories import SYN, Frames, Packet
from tests.layers import test_arp, test_icmp
from tests.layers.frames import MACS, octets

SYN_TO_SERVER = Packet(0, SYN, 4096, ends=("198.51.100.7", 32768, "203.0.113.10", 25))
UNREACHABLE = MACS + octets("08 00") + test_icmp.error("03 01 00 00 00 00 00 00")


def read(*frames: bytes) -> Traffic:
    timed: list[tuple[float, bytes, int | None, int]] = [
        (float(n), frame, None, 0) for n, frame in enumerate(frames)
    ]
    return read_traffic([Frames(timed)], compiled=False)


def test_arp_request() -> None:
    (row,) = read(test_arp.FRAME).neighbors
    assert NEIGHBOR_KINDS[row["kind"]] == "arp-request"
    assert (row["frame"], row["ip_version"], row["vlan"]) == (1, 4, -1)
    assert row["sender"].tolist() == [0xC000024A, 0, 0, 0]
    assert row["mac"].tolist() == [0x02005E000001, 0x02005E000002]
    assert row["broadcast"] == 0


def test_an_error_finds_its_flow() -> None:
    found = read(SYN_TO_SERVER.frame(), UNREACHABLE)
    (row,) = found.icmp
    assert (row["record"], row["direction"], row["type"], row["code"]) == (0, 0, 3, 1)
    assert row["quoted"].tolist() == [[0xC6336407, 0, 0, 0], [0xCB00710A, 0, 0, 0]]
    assert row["quoted_port"].tolist() == [32768, 25]
    (flow,) = found.flows.records
    assert (flow["icmp_errors"], flow["icmp_frame"], flow["icmp_type"]) == (1, 2, 3)


def test_an_error_about_the_way_back() -> None:
    answer = Packet(0, SYN, 4096, ends=("203.0.113.10", 25, "198.51.100.7", 32768))
    (row,) = read(answer.frame(), UNREACHABLE).icmp
    assert (row["record"], row["direction"]) == (0, 1)


def test_an_error_before_or_without_its_flow() -> None:
    early = read(UNREACHABLE, SYN_TO_SERVER.frame())
    assert early.icmp["record"].tolist() == early.icmp["direction"].tolist() == [-1]
    assert early.flows["icmp_errors"].tolist() == [0]
    alone = read(UNREACHABLE)
    assert (len(alone.flows), alone.icmp["record"].tolist()) == (0, [-1])


def test_a_whole_quoted_header_takes_a_stream_number() -> None:
    longer = UNREACHABLE[:16] + octets("00 44") + UNREACHABLE[18:42]
    quoting = longer + SYN_TO_SERVER.frame()[14:]
    other = Packet(1, SYN, 100).frame()
    alone = read(quoting, other)
    assert (alone.flows["flow"].tolist(), alone.icmp["record"].tolist()) == ([1], [-1])
    found = read(quoting, other, SYN_TO_SERVER.frame())
    assert found.flows["flow"].tolist() == [1, 0]
    assert found.icmp["record"].tolist() == [1]
    assert found.flows["first_frame"].tolist() == [2, 3]
    assert found.flows["icmp_errors"].tolist() == [0, 1]


def test_tables_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_MESSAGES", 3)
    found = read(*[test_arp.FRAME] * 5, *[UNREACHABLE] * 4)
    assert (len(found.neighbors), len(found.icmp)) == (3, 3)
    unlisted: Any = found.captures[0].undecoded
    assert unlisted == {"neighbor messages not listed": 2, "icmp errors not listed": 1}
