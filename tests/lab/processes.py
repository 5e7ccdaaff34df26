"""Processes of the laboratory: every one bounded in time, ended by its own pid.

Long-running ones die with this process (PR_SET_PDEATHSIG through setpriv), so nothing survives it.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


class LabError(Exception):
    """Something in the laboratory did not come about; the text says what and what was printed."""


def run(command: Sequence[str], text: str | None = None, timeout_s: float = 20.0) -> str:
    """Run a short command and return what it printed; raise LabError when it fails."""
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise LabError(f"{' '.join(command)}: still running after {timeout_s} s") from late
    if done.returncode != 0:
        raise LabError(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


@dataclass
class Running:
    """A process in the background with its output in files."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    def printed(self) -> str:
        """Everything on standard output so far."""
        return self.out.read_text(encoding="utf-8", errors="replace")

    def complained(self) -> str:
        """Everything on standard error so far."""
        return self.err.read_text(encoding="utf-8", errors="replace")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it by its pid, by force after five seconds; harmless when it has ended."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=5)


def start(command: Sequence[str], files: Path, name: str, cwd: Path | None = None) -> Running:
    """Start a process whose output goes to ``<files>/<name>.out`` and ``.err``."""
    out, err = files / f"{name}.out", files / f"{name}.err"
    with out.open("wb") as out_file, err.open("wb") as err_file:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=out_file,
            stderr=err_file,
            cwd=cwd,
        )
    return Running(process, out, err)


def wait_until(true: Callable[[], bool], what: str, timeout_s: float = 10.0) -> None:
    """Look every 20 ms until a thing is true; raise LabError after the time given."""
    end = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > end:
            raise LabError(f"waited {timeout_s} s in vain: {what}")
        time.sleep(0.02)
