"""Runs the fuzz target in a child process that may use little memory and processor time.

`python -m tests.fuzz.run [--seconds N] [--inputs N] [--seed N] [--compiled]`; what fails is kept in
tests/fuzz/found and printed.  Once mended it belongs into tests/fuzz/corpus.
"""

import argparse
import faulthandler
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from pcapdiag.read import compressed
from tests.fuzz.inputs import inputs
from tests.fuzz.target import check

MEMORY: Final = 2 << 30
"""Address space of the child: the program and its libraries, and what reading may need."""
SECONDS_AN_INPUT: Final = 20
SECONDS_TO_COMPILE: Final = 300
GROWTH: Final = 1100
FOUND: Final = Path(__file__).with_name("found")
BETWEEN: Final = "PCAPDIAG_FUZZ_CHILD"


def child(arguments: argparse.Namespace) -> int:
    """Check inputs until they, or the time, are over; returns the exit status."""
    faulthandler.enable()
    os.environ["PATH"] = ""  # what Wireshark's tools make of the inputs is not what is tried here
    if not arguments.compiled:  # compiling needs more than reading ever may
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # Bombs are tried against a lower bound: unpacking 256 MiB of each would leave time for nothing else.
    compressed.ANY_GROWTH = 1 << 22  # type: ignore[misc]
    end = time.monotonic() + arguments.seconds
    done = packets = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        for data in inputs(arguments.seed):
            if time.monotonic() > end or done == arguments.inputs:
                break
            path.write_bytes(data)
            kept = FOUND / f"seed{arguments.seed}-{done}"
            FOUND.mkdir(exist_ok=True)
            kept.write_bytes(data)  # a child that is killed has no time for it
            # Each container's kernel is compiled when it comes for the first time.
            signal.alarm(SECONDS_TO_COMPILE if arguments.compiled else SECONDS_AN_INPUT)
            for compiled in {False, arguments.compiled}:
                packets += max(check(path, GROWTH, compiled), 0)
            signal.alarm(0)
            kept.unlink()
            done += 1
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"{done} inputs, {packets} packets, seed {arguments.seed}, {most} MiB at most")
    return 0


def main() -> int:
    """Return the exit status: 0 unless an input failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--inputs", type=int, default=-1, help="no more than this many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compiled", action="store_true", help="run the compiled kernels, too")
    arguments = parser.parse_args()
    if BETWEEN in os.environ:
        return child(arguments)
    command = [sys.executable, "-m", "tests.fuzz.run", *sys.argv[1:]]
    status = subprocess.run(command, env={**os.environ, BETWEEN: "1"}, check=False).returncode
    if status:
        print(f"an input failed (status {status}): it is in {FOUND}", file=sys.stderr)
        return 1
    if FOUND.is_dir() and not any(FOUND.iterdir()):
        FOUND.rmdir()
    return 0


if __name__ == "__main__":
    sys.exit(main())
