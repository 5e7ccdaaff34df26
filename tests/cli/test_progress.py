"""The bar shows only on a terminal, and only when work is long."""

import os
import pty
import sys
from collections.abc import Sequence
from typing import TextIO

import pytest

from pcapdiag.cli import progress
from pcapdiag.cli.progress import progress_bar


def test_nothing_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as show:
        assert show is None
    assert capsys.readouterr().err == ""


THREE_STEPS = [(done * 1_000_000, 3_000_000) for done in (1, 2, 3)]


def watched(
    monkeypatch: pytest.MonkeyPatch, quiet_s: float, steps: Sequence[tuple[int, int]] = THREE_STEPS
) -> bytes:
    """Return what a terminal gets from steps of work."""
    master, slave = pty.openpty()
    stream: TextIO
    with os.fdopen(slave, "w") as stream, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        patch.setattr(progress, "QUIET_S", quiet_s)
        with progress_bar() as show:
            assert show is not None
            for done, total in steps:
                show("reading lb.pcap[red]", done, total)
        stream.flush()
        os.set_blocking(master, False)
        shown = b""
        try:
            # A terminal hands out what was written piece by piece.
            while piece := os.read(master, 65536):
                shown += piece
        except BlockingIOError:
            return shown
        finally:
            os.close(master)
    return shown


def test_short_work_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    assert watched(monkeypatch, 60.0) == b""


def test_long_work_shows_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = watched(monkeypatch, 0.0)
    assert b"reading lb.pcap[red]" in shown
    assert b"3.0/3.0 MB" in shown


def test_work_without_a_measure_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = watched(monkeypatch, 60.0, [(0, 0)])
    assert b"reading lb.pcap[red]" in shown
    assert b"bytes" not in shown
