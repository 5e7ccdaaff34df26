"""What size and wrapping of a capture cost: memory from 100 MB to 5 GB, speed with tunnels and trailers.

`python -m tests.bench.scale [--sizes MB ...] [--packets N]` makes each capture when its turn comes and
removes it afterwards; it needs room for twice the largest, and editcap for pcapng.
"""

import argparse
import gzip
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from tests.bench.run import OUT, PCAPDIAG, Cost, analyze, count, make, run

FLOWS: Final = 2_000
SESSIONS: Final = FLOWS // 2
PACKET_BYTES: Final = 1_040
"""Of our captures with long sessions; those of shorter ones are smaller."""
SIZES_MB: Final = (100, 500, 5_000)
SPEED_SESSIONS: Final = 10_000
FLAT: Final = 1.1
"""Memory is flat when the largest capture takes at most so many times what the smallest does."""
SLOWEST: Final = 1.3
"""How many times as long a wrapped capture may take as a plain one."""
PIECE: Final = 1 << 22


@dataclass(frozen=True)
class Form:
    """One way in which a capture is handed over."""

    name: str
    make: Callable[[Path], Path]
    """Makes the form of a pcap and returns its file."""
    piped: bool = False
    """Given to standard input, through a pipe."""


def as_it_is(plain: Path) -> Path:
    """Return the pcap itself."""
    return plain


def pcapng(plain: Path) -> Path:
    """Write the capture as pcapng."""
    path = plain.with_suffix(".pcapng")
    subprocess.run(["editcap", "-F", "pcapng", str(plain), str(path)], check=True)
    return path


def gzipped(plain: Path) -> Path:
    """Write the capture compressed."""
    path = plain.with_suffix(".pcap.gz")
    with plain.open("rb") as data, gzip.open(path, "wb", compresslevel=1) as out:
        shutil.copyfileobj(data, out, PIECE)
    return path


FORMS: Final = (
    Form("pcap", as_it_is),
    Form("pcapng", pcapng),
    Form("gzip", gzipped),
    Form("standard input", as_it_is, piped=True),
)


@contextmanager
def removed(path: Path) -> Iterator[Path]:
    """Remove a capture, and the truth beside it, when it has been used."""
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        path.with_suffix(".json").unlink(missing_ok=True)


def cost_of(form: Form, plain: Path) -> Cost:
    """Analyse a capture in one form; the peak is that of the largest process."""
    if form.piped:
        shell = " ".join((*PCAPDIAG, "analyze", "-", "--format", "text", "-o", os.devnull))
        return run(("sh", "-c", f'cat "$0" | {shell}', str(plain)))
    path = form.make(plain)
    cost = run(analyze(path))
    if path != plain:
        path.unlink()
    return cost


def make_sized(plain: Path, size: int) -> int:
    """Generate a capture of about so many bytes; returns its packets."""
    packets = size // PACKET_BYTES
    make(plain, "--packets", str(packets), "--sessions", str(SESSIONS))
    if plain.stat().st_size < 0.95 * size:
        packets = packets * size // plain.stat().st_size
        make(plain, "--packets", str(packets), "--sessions", str(SESSIONS))
    return count(plain)


def memory(sizes_mb: list[int]) -> bool:
    """Print peak memory and time for each size and form; returns whether memory is flat."""
    print(f"memory: {FLOWS} flows whatever the size")
    print(f"{'':16}{'MB':>8}{'packets':>10}{'wall s':>9}{'peak MiB':>10}")
    peaks = dict[str, list[float]]()
    for size_mb in sizes_mb:
        with removed(OUT / f"scale-{size_mb}.pcap") as plain:
            packets = make_sized(plain, size_mb * 1_000_000)
            size = plain.stat().st_size / 1e6
            for form in FORMS:
                cost = cost_of(form, plain)
                peaks.setdefault(form.name, []).append(cost.peak_mib)
                print(
                    f"{form.name:16}{size:8.0f}{packets:10}{cost.wall_s:9.2f}{cost.peak_mib:10.0f}",
                    flush=True,
                )
    flat = True
    for name, found in peaks.items():
        growth = found[-1] / found[0]
        flat &= growth <= FLAT
        print(f"{name}: {growth:.2f} times from the smallest to the largest")
    return flat


def reading(paths: Sequence[Path], runs: int) -> list[list[float]]:
    """Return what reading each capture takes of the processor, s, in every run, in turns."""
    from pcapdiag.flows.build import read_traffic
    from pcapdiag.read import open_capture

    found = [list[float]() for _ in paths]
    for turn in range(runs + 1):
        for path, times in zip(paths, found, strict=True):
            start = time.process_time()
            read_traffic([open_capture(str(path), compiled=True)], compiled=True)
            if turn:  # the first one compiles or loads
                times.append(time.process_time() - start)
    return found


def speed(plain: Path, packets: int, runs: int) -> bool:
    """Print what each wrapping costs beside the plain packets; returns whether none costs too much.

    Reading is timed by itself, and `analyze` as a whole; the least time of the processor counts, since
    others may be at work on the machine.
    """
    from tests.bench import wrap

    wrappings: dict[str, wrap.Wrapping] = {
        "VXLAN": wrap.vxlan,
        "GRE": wrap.gre,
        "GTP-U": wrap.gtp_u,
        "F5 trailers": wrap.F5Trailers(plain.with_suffix(".json")),
    }
    paths = [plain]
    for number, wrapping in enumerate(wrappings.values()):
        paths.append(plain.with_name(f"scale-wrapped-{number}.pcap"))
        wrap.wrap(plain, paths[-1], wrapping)
    # In a process of its own: a child's peak counts what its parent held when it was made.
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        reads = pool.submit(reading, paths, runs).result()
    wholes = [list[float]() for _ in paths]
    for _ in range(runs):
        for path, times in zip(paths, wholes, strict=True):
            times.append(run(analyze(path)).cpu_s)
    for path in paths[1:]:
        path.unlink()
    print(f"speed: {packets} packets, {SPEED_SESSIONS} sessions; least CPU time of {runs} runs")
    print(f"{'':16}{'reading s':>10}{'Mpkt/s':>8}{'ratio':>7}{'analyze s':>11}{'ratio':>7}")
    read_s, whole_s = [min(times) for times in reads], [min(times) for times in wholes]
    for name, took, all_s in zip(("plain", *wrappings), read_s, whole_s, strict=True):
        print(
            f"{name:16}{took:10.2f}{packets / took / 1e6:8.2f}{took / read_s[0]:7.2f}"
            f"{all_s:11.2f}{all_s / whole_s[0]:7.2f}",
            flush=True,
        )
    return max(read_s) <= SLOWEST * read_s[0] and max(whole_s) <= SLOWEST * whole_s[0]


def main() -> None:
    """Read the options and measure; status 1 when memory grows or a wrapping costs too much."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES_MB, metavar="MB")
    parser.add_argument("--packets", type=int, default=600_000, help="of the captures for speed")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with removed(OUT / "scale-plain.pcap") as plain:
        make(plain, "--packets", str(options.packets), "--sessions", str(SPEED_SESSIONS))
        fast = speed(plain, count(plain), options.runs)
        for form in FORMS:  # so that no run below compiles
            cost_of(form, plain)
    flat = memory(sorted(options.sizes))
    sys.exit(not (fast and flat))


if __name__ == "__main__":
    main()
