"""The pool: rows in order whatever happens to its processes."""

import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from pcapdiag.audit import pool
from pcapdiag.audit.find import Found
from pcapdiag.audit.model import Row
from pcapdiag.audit.pool import audit, default_jobs
from pcapdiag.settings import Settings

STORY = Path(__file__).parents[2] / "samples" / "story.pcap"
PLAIN = Settings(compiled=False)

LIMIT_S = 5.0
"""Enough for a process to start on a busy machine, which counts."""


def actor(connection: Connection, settings: Settings, log: str) -> None:
    """Stand in for the worker: do what the capture's name says."""
    while (found := connection.recv()) is not None:
        if found.path == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if found.path == "hangs":
            time.sleep(600)
        if found.path == "fails":
            Path(log).write_text("Traceback (most recent call last):\nKeyError: 'x'\n")
            os._exit(1)
        connection.send(Row(found.shown, "healthy"))


def rows(names: list[str], jobs: int, monkeypatch: pytest.MonkeyPatch) -> list[Row]:
    monkeypatch.setattr(pool, "work", actor)
    captures = [Found(name, str(number)) for number, name in enumerate(names)]
    return list(audit(captures, PLAIN, jobs, time_limit_s=LIMIT_S).rows)


@pytest.mark.parametrize("jobs", [1, 3])
def test_one_bad_file_costs_one_row(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = rows(["good", "dies", "good", "hangs", "fails", "good"], jobs, monkeypatch)
    assert [row.file for row in found] == ["0", "1", "2", "3", "4", "5"]
    assert [row.error for row in found] == [
        None,
        "the analysis was ended by SIGKILL",
        None,
        f"not done after {LIMIT_S:g} s",
        "the analysis failed, please report it: KeyError: 'x'",
        None,
    ]


def test_no_more_processes_than_captures() -> None:
    found = audit([Found(str(STORY), "s")], PLAIN, 64)
    assert [row.verdict for row in found.rows] == ["return-path-bypasses-balancer"]


def test_nothing_to_do() -> None:
    assert audit([], PLAIN, 4).rows == ()


def test_progress_counts_every_capture(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    captures = [Found(str(tmp_path / name), name) for name in ("a", "b", "c")]
    found = audit(captures, PLAIN, 2, lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert all(row.error for row in found.rows)


def test_default_jobs() -> None:
    assert 1 <= default_jobs() <= (os.cpu_count() or 1)
