"""Speed and memory of `pcapdiag analyze` beside capinfos, tshark, tcptrace and argus, in one run.

`python tests/bench/run.py [--runs N]` generates the capture when it is not there, then prints medians.
Every program reads the same file from the page cache and writes to nowhere.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import ignore_patterns

ROOT = Path(__file__).resolve().parents[2]
OUT = Path(__file__).with_name("out")
GENERATE = (sys.executable, str(Path(__file__).with_name("generate.py")))
STORY = ROOT / "samples" / "story.pcap"
PCAPDIAG = (sys.executable, "-m", "pcapdiag")


@dataclass(frozen=True)
class Cost:
    """What one run took."""

    wall_s: float
    cpu_s: float
    """User and system time of the program and the processes it waited for."""
    peak_mib: float
    """Largest resident set of the program itself."""


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command with its output thrown away; SystemExit when it fails."""
    start = time.perf_counter()
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
    )
    assert child.stderr is not None
    complaint = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stderr.close()
    if child.returncode != 0:
        sys.exit(f"{' '.join(command)}: status {child.returncode}\n{complaint.decode()[-2000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(costs: Sequence[Cost]) -> Cost:
    """Take each figure's median by itself."""
    return Cost(
        statistics.median(cost.wall_s for cost in costs),
        statistics.median(cost.cpu_s for cost in costs),
        statistics.median(cost.peak_mib for cost in costs),
    )


def rivals(capture: Path) -> dict[str, tuple[str, ...]]:
    """Return the command lines to compare with; tcptrace without its look-ups of names."""
    file = str(capture)
    return {
        "capinfos": ("capinfos", file),
        "argus": ("argus", "-r", file, "-w", "/dev/null"),
        "tcptrace": ("tcptrace", "-n", file),
        "tshark conv": ("tshark", "-n", "-q", "-r", file, "-z", "conv,tcp"),
    }


def analyze(capture: Path) -> tuple[str, ...]:
    """Return the command line under test."""
    return (*PCAPDIAG, "analyze", str(capture), "--format", "text", "-o", os.devnull)


def show(name: str, cost: Cost, ours: Cost, packets: int) -> None:
    """Print one line of the table; the ratios say how many times our cost this is."""
    print(
        f"{name:16}{cost.wall_s:9.2f}{cost.cpu_s:9.2f}{cost.peak_mib:10.0f}"
        f"{packets / cost.wall_s / 1e6:10.2f}{cost.wall_s / ours.wall_s:9.2f}x"
        f"{cost.cpu_s / ours.cpu_s:9.2f}x{cost.peak_mib / ours.peak_mib:9.2f}x"
    )


def compare(capture: Path, packets: int, runs: int, slow_runs: int) -> None:
    """Print the table of medians, the programs taking turns so that noise hits all alike."""
    with tempfile.TemporaryDirectory(dir=OUT) as cache:
        first = run(analyze(capture), {"XDG_CACHE_HOME": cache})
    run(analyze(capture))
    present = {name: line for name, line in rivals(capture).items() if shutil.which(line[0])}
    commands = {"pcapdiag": analyze(capture), **present}
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for turn in range(runs):
        for name, line in commands.items():
            if turn < (slow_runs if name == "tshark conv" else runs):
                costs[name].append(run(line))
    medians = {name: median(found) for name, found in costs.items()}
    ours = medians["pcapdiag"]
    size = capture.stat().st_size / 1e6
    print(f"{packets} packets, {size:.0f} MB; medians of {runs} runs")
    print(
        f"{'':16}{'wall s':>9}{'CPU s':>9}{'peak MiB':>10}{'Mpkt/s':>10}{'wall':>10}{'CPU':>10}{'peak':>10}"
    )
    for name, cost in medians.items():
        show(name, cost, ours, packets)
    show("first, compiles", first, ours, packets)
    for name, line in rivals(capture).items():
        if name not in present:
            print(f"{name}: not measured, {line[0]} is not installed")


def startup(runs: int) -> None:
    """Print how long a user waits for the small things, the first time and afterwards."""
    print("\nstart of the program" + " " * 28 + "wall s    CPU s  peak MiB")
    story = analyze(STORY)
    with tempfile.TemporaryDirectory(dir=OUT) as folder:
        # As installed just now: libraries come with their bytecode, ours does not.
        for part in ("pcapdiag", "rules"):
            shutil.copytree(ROOT / part, Path(folder, part), ignore=ignore_patterns("__pycache__"))
        fresh = {"XDG_CACHE_HOME": f"{folder}/cache", "PYTHONPATH": folder}
        # -P: the copy's modules, not those of the folder it runs in.
        first = (sys.executable, "-P", *story[1:])
        lines = [("story, very first use", [run(first, fresh)])]
    lines += [
        ("story", [run(story) for _ in range(runs)]),
        ("--version", [run((*PCAPDIAG, "--version")) for _ in range(runs)]),
        ("--help", [run((*PCAPDIAG, "--help")) for _ in range(runs)]),
    ]
    for name, costs in lines:
        cost = median(costs)
        print(f"{name:44}{cost.wall_s:10.2f}{cost.cpu_s:9.2f}{cost.peak_mib:10.0f}")


def growth(flows: int = 4_000, few: int = 220_000, many: int = 1_100_000) -> None:
    """Print what five times the packets cost in memory when the flows stay as many."""
    peaks = []
    for packets in (few, many):
        capture = OUT / f"growth-{packets}.pcap"
        if not capture.exists():
            make(capture, "--packets", str(packets), "--sessions", str(flows))
        peaks.append(run(analyze(capture)).peak_mib)
    print(f"\npeak memory with {flows} sessions: {peaks[0]:.0f} MiB for {few} packets, ", end="")
    print(f"{peaks[1]:.0f} MiB for {many}")


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--slow-runs", type=int, default=1, help="of tshark, which takes long")
    parser.add_argument("--without-growth", action="store_true", help="leave out the memory line")
    options = parser.parse_args()
    capture = OUT / "bench.pcap"
    if not capture.exists():
        make(capture)
    packets = count(capture)
    compare(capture, packets, options.runs, min(options.runs, options.slow_runs))
    startup(options.runs)
    if not options.without_growth:
        growth()


def make(capture: Path, *options: str) -> None:
    """Generate a capture, in a process of its own.

    A child's peak counts what its parent held when it was made, so this process stays small.
    """
    subprocess.run([*GENERATE, str(capture), *options], check=True)


def count(capture: Path) -> int:
    """Count the records of a pcap of ours by walking their headers."""
    number = 0
    with capture.open("rb") as data:
        data.seek(24)
        while header := data.read(16):
            data.seek(int.from_bytes(header[8:12], "little"), os.SEEK_CUR)
            number += 1
    return number


if __name__ == "__main__":
    main()
