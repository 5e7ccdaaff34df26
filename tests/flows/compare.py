"""Compares the flow table with tshark, flow by flow and direction by direction.

`python -m tests.flows.compare FOLDER...` prints the files that differ, each with its first
difference (and its reason, when `differences.tsv` has one), and then of each count the share of
flows in which it is equal.  Compared are packets, payload bytes and every finding of the sequence
analysis, in each direction of each `tcp.stream`.
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
    "keep_alive_acks": "tcp.analysis.keep_alive_ack",
    "zero_windows": "tcp.analysis.zero_window",
    "zero_window_probes": "tcp.analysis.zero_window_probe",
    "zero_window_probe_acks": "tcp.analysis.zero_window_probe_ack",
    "window_full": "tcp.analysis.window_full",
    "window_updates": "tcp.analysis.window_update",
}
PROMISED: Final = ("packets", "bytes", "retransmissions")
EVERYTHING: Final = ("packets", "bytes", *FINDINGS)

KNOWN: Final = Path(__file__).with_name("differences.tsv")
"""Captures whose flows may differ, each with the reason."""

Lane = tuple[int, int]
"""Number of the stream and source port: one direction (both, when the ports are equal)."""
Counts = dict[Lane, Counter[str]]


@dataclass(frozen=True)
class Comparison:
    """One file: how many flows there are in either, and what differs."""

    flows: int
    differing: dict[int, str]
    """Stream -> the first difference, ours against theirs."""
    unequal: Counter[str]
    """Count -> streams in which it differs."""


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
    flows = read_traffic([open_capture(str(path))], compiled=compiled).flows.records
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
    unequal: set[tuple[int, str]] = set()
    for lane in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(lane, Counter()), theirs.get(lane, Counter())
        for name in names:
            if mine[name] != other[name]:
                text = f"port {lane[1]}: {name} {mine[name]}, tshark {other[name]}"
                differing.setdefault(lane[0], text)
                unequal.add((lane[0], name))
    streams = {lane[0] for lane in ours.keys() | theirs.keys()}
    return Comparison(len(streams), differing, Counter(name for _, name in unequal))


def explained() -> dict[str, str]:
    """Return the captures whose flows may differ, each with the reason."""
    lines = KNOWN.read_text(encoding="utf-8").splitlines()[1:]
    return dict(line.split("\t") for line in lines)


def files(folder: Path) -> Iterator[Path]:
    """Yield the captures below a folder, in order of their names."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in {".md", ".tsv", ".json", ".txt"}:
            yield path


def main(folders: list[str]) -> None:
    """Compare every capture of the folders and print what differs."""
    flows = differing = 0
    unequal: Counter[str] = Counter()
    reasons = explained()
    for folder in folders:
        for path in files(Path(folder)):
            try:
                result = compare(path, EVERYTHING)
            except Unreadable as problem:
                print(f"{path}: {problem}")
                continue
            flows += result.flows
            differing += len(result.differing)
            unequal += result.unequal
            if result.differing:
                first = min(result.differing)
                some = f"{len(result.differing)} of {result.flows} flows"
                reason = reasons.get(str(path.relative_to(folder)), "not explained")
                print(
                    f"{path}: {some}, stream {first}: {result.differing[first]} ({reason})",
                    flush=True,
                )
    for name in EVERYTHING:
        print(f"{name:26}{1 - unequal[name] / max(1, flows):9.3%}")
    print(
        f"{flows - differing} of {flows} flows equal in all ({1 - differing / max(1, flows):.3%})"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
