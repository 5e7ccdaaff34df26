"""Flow records as report lines: text and plain numbers, None for what was not seen."""

import dataclasses
import json
from typing import Any

from pcapdiag.report.flow_lines import flow_lines
from tests.sessions.table import S, leg, traffic

SEEN: dict[str, Any] = {
    "packets": [6, 5],
    "bytes": [120, 4000],
    "retransmissions": [1, 0],
    "first_rtt_ns": 250_000,
    "mac": [[0x0250_5620_0203, 0x0250_5620_0205], [-1, -1]],
}


def test_every_field_of_a_complete_flow() -> None:
    flows = traffic(leg("198.51.100.7:40000", "203.0.113.10:25", S, **SEEN)).flows
    line = flow_lines(flows, [0], ["a.pcap"])[0]
    assert dataclasses.asdict(line) == {
        "file": "a.pcap",
        "source": "198.51.100.7",
        "source_port": 40000,
        "destination": "203.0.113.10",
        "destination_port": 25,
        "first_frame": 1,
        "last_frame": -1,
        "packets": (6, 5),
        "bytes": (120, 4000),
        "handshake": "complete",
        "syn_count": 1,
        "close": "fin",
        "community_id": line.community_id,
        "retransmissions": (1, 0),
        "rtt_ns": 250_000,
        "macs": ("02:50:56:20:02:03", "02:50:56:20:02:05"),
    }


def test_unknown_is_none_and_ipv6_is_short() -> None:
    flows = traffic(leg("2001:db8::7:40000", "2001:db8::10:25", S)).flows
    line = flow_lines(flows, [0], ["a.pcap"])[0]
    assert (line.source, line.destination) == ("2001:db8::7", "2001:db8::10")
    assert (line.rtt_ns, line.macs) == (None, (None, None))


def test_values_are_python_s_own() -> None:
    flows = traffic(leg("198.51.100.7:40000", "203.0.113.10:25", S, **SEEN)).flows
    # numpy's numbers would not survive json.dumps.
    assert json.loads(json.dumps(dataclasses.asdict(flow_lines(flows, [0], ["a"])[0])))


def test_only_the_records_asked_for_each_once() -> None:
    rows = [leg(f"198.51.100.7:{port}", "203.0.113.10:25", S + port) for port in (1, 2, 3)]
    lines = flow_lines(traffic(*rows).flows, [2, 0, 2], ["a"])
    assert {record: line.source_port for record, line in lines.items()} == {0: 1, 2: 3}
