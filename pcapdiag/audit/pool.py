"""A bounded pool of processes that survives its workers: one that dies or hangs costs one row.

concurrent.futures gives up the whole pool when one process dies, so the few lines that do not are here.
"""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import connection, get_context
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

from pcapdiag.audit.find import Found
from pcapdiag.audit.model import Audit, Row
from pcapdiag.audit.worker import work
from pcapdiag.settings import Settings

TIME_LIMIT_S: Final = 300.0
"""Longest analysis of one capture; some 300 million packets would take as long."""

Done = Callable[[int, int], None]
"""Told how many captures are done, and how many there are."""


def audit(
    captures: Sequence[Found],
    settings: Settings,
    jobs: int,
    done: Done | None = None,
    time_limit_s: float = TIME_LIMIT_S,
) -> Audit:
    """Analyse the captures in at most `jobs` processes and return their rows in the same order."""
    rows: dict[int, Row] = {}
    with _workers(min(jobs, len(captures)), settings) as workers:
        waiting = iter(enumerate(captures))
        for worker in workers:
            worker.take(waiting, time_limit_s)
        while len(rows) < len(captures):
            busy = {worker.pipe: worker for worker in workers if worker.task is not None}
            deadline = min(worker.deadline for worker in busy.values())
            ready = connection.wait(list(busy), max(0.0, deadline - time.monotonic()))
            late = [w.pipe for w in busy.values() if w.deadline <= time.monotonic()]
            for pipe in [*ready, *(pipe for pipe in late if pipe not in ready)]:
                worker = busy[pipe]  # type: ignore[index]
                number, row = worker.result(time_limit_s)
                rows[number] = row
                worker.take(waiting, time_limit_s)
                if done is not None:
                    done(len(rows), len(captures))
    return Audit(tuple(rows[number] for number in range(len(captures))))


def default_jobs() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Worker:
    """One process, and the capture it is at; started anew when it ends before its time."""

    def __init__(self, context: ForkServerContext | SpawnContext, settings: Settings, log: Path):
        self._context = context
        self._settings = settings
        self._log = log
        self.task: tuple[int, Found] | None = None
        self.deadline = 0.0
        self._start()

    def take(self, waiting: Iterator[tuple[int, Found]], time_limit_s: float) -> None:
        """Begin the next capture, if there is one."""
        self.task = next(waiting, None)
        self.deadline = time.monotonic() + time_limit_s
        if self.task is not None:
            try:
                self.pipe.send(self.task[1])
            except OSError:
                # It died between two captures; the pipe's end is seen as its result.
                return

    def result(self, time_limit_s: float) -> tuple[int, Row]:
        """Return the row of the capture at hand; a process that has none is replaced."""
        assert self.task is not None
        number, found = self.task
        if not self.pipe.poll():
            self.stop()
            self._start()
            return number, Row(found.shown, error=f"not done after {time_limit_s:g} s")
        try:
            row: Row = self.pipe.recv()
        except (EOFError, ConnectionResetError):
            row = Row(found.shown, error=self._last_words())
            self.stop()
            self._start()
        return number, row

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self.process.kill()
        self.process.join()
        self.pipe.close()

    def _start(self) -> None:
        self._log.write_bytes(b"")
        self.pipe, theirs = self._context.Pipe()
        self.process: BaseProcess = self._context.Process(
            target=work, args=(theirs, self._settings, str(self._log)), daemon=True
        )
        self.process.start()
        # With our copy of its end closed, its death closes the pipe.
        theirs.close()

    def _last_words(self) -> str:
        self.process.join(timeout=5)
        code = self.process.exitcode
        if code is not None and code < 0:
            return f"the analysis was ended by {signal.Signals(-code).name}"
        lines = self._log.read_text(encoding="utf-8", errors="replace").split("\n")
        said = next((line for line in reversed(lines) if line.strip()), f"exit status {code}")
        return f"the analysis failed, please report it: {said.strip()}"


@contextmanager
def _workers(count: int, settings: Settings) -> Iterator[list[_Worker]]:
    with tempfile.TemporaryDirectory(prefix="pcapdiag-") as folder:
        workers = list[_Worker]()
        try:
            context = _context()
            for number in range(count):
                workers.append(_Worker(context, settings, Path(folder, f"{number}.log")))
            yield workers
        finally:
            for worker in workers:
                worker.stop()


def _context() -> ForkServerContext | SpawnContext:
    """Return the way to start processes that inherit no threads and no locks."""
    if not hasattr(os, "fork"):
        return get_context("spawn")
    context = get_context("forkserver")
    # What every worker needs is imported once.
    context.set_forkserver_preload(["pcapdiag.audit.worker"])
    return context
