"""Random traffic: every finding of the sequence analysis is tshark's, flow by flow.

`python -m tests.flows.test_traffic FIRST LAST` compares the seeds of a range and prints what differs.
"""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from pcapdiag.flows.build import read_traffic
from pcapdiag.flows.table import WHOLE
from pcapdiag.read import open_capture
from tests.flows.compare import EVERYTHING, compare
from tests.flows.traffic import traffic, write

SEEDS: Final = range(12)
"""Two hundred connections; 2,300 were equal when this was written."""
FIN, SYN, RST, ACK = 1, 2, 4, 16


@pytest.mark.tshark
@pytest.mark.parametrize("seed", SEEDS)
def test_findings_are_tshark_s(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "traffic.pcap"
    write(path, traffic(seed))
    found = compare(path, EVERYTHING, compiled=False)
    assert found.flows >= 12
    assert found.differing == {}


@pytest.mark.tshark
@pytest.mark.parametrize("seed", [20, 21, 22])
def test_completeness_and_round_trip_are_tshark_s(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "traffic.pcap"
    write(path, traffic(seed))
    flows = read_traffic([open_capture(str(path))], compiled=False).flows.records
    shown = last_words(path)
    for flow in flows[flows["hop"] == WHOLE]:
        completeness, round_trip = shown[int(flow["flow"])]
        assert flow["completeness"] == completeness, flow["flow"]
        assert round_trip in (-1, flow["first_rtt_ns"]), flow["flow"]


def last_words(path: Path) -> dict[int, tuple[int, int]]:
    """Return what tshark says of each stream when it has ended: completeness, first round trip, ns.

    A packet shows the completeness before itself, so what the last one adds is added here.
    """
    fields = ["tcp.stream", "tcp.completeness", "tcp.analysis.initial_rtt", "tcp.flags", "tcp.len"]
    fields.append("tcp.analysis.reused_ports")
    command = ["tshark", "-n", "-r", str(path), "-Y", "tcp && !icmp && !icmpv6", "-T", "fields"]
    command += ["-E", "occurrence=f"]
    ran = subprocess.run(
        [*command, *(word for field in fields for word in ("-e", field))],
        capture_output=True,
        text=True,
        check=False,  # a capture cut short is an error, after what could be read
    )
    found: dict[int, tuple[int, int]] = {}
    packets: Counter[int] = Counter()
    for line in ran.stdout.splitlines():
        stream, shown, round_trip, flags, length, reused = line.split("\t")
        if not stream or not flags:
            continue
        number = int(stream)
        packets[number] += 1
        bits = int(flags, 16)
        value = int(shown)
        value |= added(bits, int(length or 0), packets[number] == 1, bool(reused))
        before = found.get(number, (0, -1))[1]
        found[number] = (value, round(float(round_trip) * 1e9) if round_trip else before)
    return found


def added(flags: int, length: int, begins: bool, reused: bool) -> int:
    """Return what one packet adds to the completeness."""
    if begins and not reused:
        return (9 if length else 1) if flags & (SYN | ACK) == SYN else 0
    value = 32 if flags & RST else 0
    if flags & ACK:
        value |= 2 if flags & SYN else 8 if length else 4
        value |= 16 if flags & FIN else 0
    return value


def main(first: int, last: int) -> None:
    """Compare the seeds of a range."""
    flows = differing = 0
    with TemporaryDirectory() as folder:
        path = Path(folder, "traffic.pcap")
        for seed in range(first, last):
            write(path, traffic(seed))
            found = compare(path, EVERYTHING, compiled=False)
            flows += found.flows
            differing += len(found.differing)
            for stream, text in found.differing.items():
                print(f"seed {seed}, stream {stream}: {text}")
    print(f"{flows - differing} of {flows} flows equal")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
