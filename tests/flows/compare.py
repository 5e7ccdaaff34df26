"""Compares the flow table with tshark, flow by flow and direction by direction.

`python -m tests.flows.compare [--full] FOLDER` prints the share of equal flows and the files that
differ.  Compared always: packets, payload bytes and retransmissions of each `tcp.stream`; with
--full also every other finding of the sequence analysis.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pcapdiag.flows.build import read_traffic
from pcapdiag.flows.table import WHOLE
from pcapdiag.read import Unreadable, open_capture

FINDINGS: Final = {
    "retransmissions": "tcp.analysis.retransmission",
    "fast_retransmissions": "tcp.analysis.fast_retransmission",
    "spurious_retransmissions": "tcp.analysis.spurious_retransmission",
    "out_of_order": "tcp.analysis.out_of_order",
    "lost_segments": "tcp.analysis.lost_segment",
    "acked_unseen": "tcp.analysis.ack_lost_segment",
    "duplicate_acks": "tcp.analysis.duplicate_ack",
    "keep_alives": "tcp.analysis.keep_alive",
    "zero_windows": "tcp.analysis.zero_window",
    "zero_window_probes": "tcp.analysis.zero_window_probe",
    "window_full": "tcp.analysis.window_full",
    "window_updates": "tcp.analysis.window_update",
}
PROMISED: Final = ("packets", "bytes", "retransmissions")

Lane = tuple[int, int]
"""Number of the stream and source port: one direction (both, when the ports are equal)."""
Counts = dict[Lane, Counter[str]]


@dataclass(frozen=True)
class Comparison:
    """One file: how many flows there are in either, and what differs."""

    flows: int
    differing: dict[int, str]
    """Stream -> the first difference, ours against theirs."""


def by_tshark(path: Path) -> Counts:
    """Return what tshark counts, with its default preferences."""
    fields = ["tcp.stream", "tcp.srcport", "tcp.len", *FINDINGS.values()]
    command = ["tshark", "-n", "-r", str(path), "-Y", "tcp && !icmp && !icmpv6", "-T", "fields"]
    command += ["-E", "occurrence=f", *(word for field in fields for word in ("-e", field))]
    # A capture cut short makes tshark end with an error after what it could read.
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    counts: Counts = {}
    for line in ran.stdout.splitlines():
        stream, port, length, *found = line.split("\t")
        if not stream or not port:
            continue
        lane = counts.setdefault((int(stream), int(port)), Counter())
        lane["packets"] += 1
        lane["bytes"] += int(length or 0)
        for name, text in zip(FINDINGS, found, strict=True):
            lane[name] += bool(text)
    return counts


def by_us(path: Path, compiled: bool | None = None) -> Counts:
    """Return what the flow table says of the whole connections."""
    counts: Counts = {}
    flows = read_traffic([open_capture(str(path))], compiled=compiled).flows
    for flow in flows[flows["hop"] == WHOLE]:
        for direction in (0, 1):
            if not flow["packets"][direction]:
                continue
            key = (int(flow["flow"]), int(flow["port"][direction]))
            lane = counts.setdefault(key, Counter())
            for name in ("packets", "bytes", *FINDINGS):
                lane[name] += int(flow[name][direction])
    return counts


def compare(
    path: Path, names: tuple[str, ...] = PROMISED, compiled: bool | None = None
) -> Comparison:
    """Compare one file."""
    ours, theirs = by_us(path, compiled), by_tshark(path)
    differing: dict[int, str] = {}
    for lane in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(lane, Counter()), theirs.get(lane, Counter())
        for name in names:
            if mine[name] != other[name]:
                text = f"port {lane[1]}: {name} {mine[name]}, tshark {other[name]}"
                differing.setdefault(lane[0], text)
    return Comparison(len({lane[0] for lane in ours.keys() | theirs.keys()}), differing)


def files(folder: Path) -> Iterator[Path]:
    """Yield the captures below a folder, in order of their names."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in {".md", ".tsv", ".json", ".txt"}:
            yield path


def main(arguments: list[str]) -> None:
    """Compare every capture of a folder and print what differs."""
    names = ("packets", "bytes", *FINDINGS) if "--full" in arguments else PROMISED
    flows = equal = 0
    for path in files(Path(arguments[-1])):
        try:
            result = compare(path, names)
        except Unreadable as problem:
            print(f"{path}: {problem}")
            continue
        flows += result.flows
        equal += result.flows - len(result.differing)
        if result.differing:
            first = min(result.differing)
            some = f"{len(result.differing)} of {result.flows} flows"
            print(f"{path}: {some}, stream {first}: {result.differing[first]}", flush=True)
    print(f"{equal} of {flows} flows equal ({equal / max(1, flows):.4%})")


if __name__ == "__main__":
    main(sys.argv[1:])
