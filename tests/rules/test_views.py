"""What a filter leaves of a capture: no fault is made of what works, and nobody is blamed wrongly.

The views are what people give tcpdump: one host, no ARP, SYNs only.
"""

import json
import struct
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from pcapdiag import analyze
from pcapdiag.layers.dispatch import decode
from pcapdiag.layers.packet import DONE_NEIGHBOR, DONE_TCP, plain_packet, start
from pcapdiag.layers.tcp import SYN
from pcapdiag.read import open_capture
from pcapdiag.report.model import Report

SAMPLES = Path(__file__).parents[2] / "samples"
HEALTHY = [path.stem for path in sorted(SAMPLES.glob("*-healthy.json"))]
STORIES = ["story", "ipv6-story", "two-arm-story", "mixed-modes", "dnat-story"]
"""The servers answer past the balancer; nobody drops anything."""

ACCUSATIONS = ("drops them", "itself drops", "without trying any server")
"""What must not be said of them."""


def frames(sample: str) -> Iterator[tuple[int, bytes, int, int]]:
    """Yield link type, bytes, what decoding ends with and TCP flags of each packet."""
    (path,) = (p for p in SAMPLES.glob(f"{sample}.pcap*"))
    capture = open_capture(str(path), compiled=False)
    for batch in capture:
        for record in batch.records:
            at, size = int(record["at"]), int(record["captured"])
            data = bytes(batch.data[at : at + size])
            link_type = capture.interfaces[int(record["interface"])].link_type
            packet = plain_packet()
            start(packet)
            packet["at"], packet["end"], packet["wire_end"] = 0, size, size
            end = decode(link_type, memoryview(data), packet)
            yield link_type, _stamped(data, int(record["time_ns"])), end, packet["flags"]


def _stamped(data: bytes, time_ns: int) -> bytes:
    return struct.pack("<IIII", *divmod(time_ns, 10**9), len(data), len(data)) + data


def seen(sample: str, view: str, folder: Path) -> Report:
    """Analyse what a view leaves of a sample."""
    server, *_ = json.loads((SAMPLES / f"{sample}.json").read_text())["topology"]["servers"]
    host = ip_address(server).packed
    kept, link_types = list[bytes](), set[int]()
    for link_type, packet, end, flags in frames(sample):
        wanted = {
            "no ARP": end != DONE_NEIGHBOR,
            "SYNs": end == DONE_NEIGHBOR or (end == DONE_TCP and flags & SYN),
            "server": host in packet,
            "server and ARP": host in packet or end == DONE_NEIGHBOR,
            "not the server": host not in packet,
        }
        if wanted[view]:
            kept.append(packet)
            link_types.add(link_type)
    (link_type,) = link_types
    path = folder / "view.pcap"
    header = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 1 << 18, link_type)
    path.write_bytes(header + b"".join(kept))
    return analyze([path])


VIEWS = ["no ARP", "SYNs", "server", "server and ARP", "not the server"]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("sample", HEALTHY)
def test_what_works_works_in_every_view(sample: str, view: str, tmp_path: Path) -> None:
    found = seen(sample, view, tmp_path)
    assert found.verdict.rule in ("healthy", "inconclusive")
    if view == "SYNs":
        assert found.verdict.rule == "inconclusive"


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("sample", STORIES)
def test_no_view_of_a_wrong_way_back_accuses_the_server(
    sample: str, view: str, tmp_path: Path
) -> None:
    found = seen(sample, view, tmp_path)
    assert found.verdict.certainty != "proved"
    for finding in found.findings:
        assert not any(word in finding.summary for word in ACCUSATIONS)
