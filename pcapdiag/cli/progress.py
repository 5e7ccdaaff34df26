"""A progress bar on standard error for long work; nothing when nobody watches."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

Show = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is (0: not known)."""

QUIET_S: Final = 0.7
"""Work that is done sooner shows no bar; work of which nothing is known (0 of 0) shows it at once."""


@contextmanager
def progress_bar(unit: str = "bytes") -> Iterator[Show | None]:
    """Yield the function that moves the bar; None where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    bar = _Bar(unit)
    try:
        yield bar.show
    finally:
        bar.close()


class _Bar:
    """The bar; it appears when the work turns out to be long, and leaves nothing behind."""

    def __init__(self, unit: str) -> None:
        import time

        self._clock = time.monotonic
        self._started = self._clock()
        self._unit = unit
        self._stop: Callable[[], None] = lambda: None
        self._move: Show | None = None

    def show(self, what: str, done: int, total: int) -> None:
        if self._move is None:
            # Work without a measure says nothing more until it is done.
            measured = done > 0 or total > 0
            if measured and self._clock() - self._started < QUIET_S:
                return
            self._open()
        assert self._move is not None
        self._move(what, done, total)

    def close(self) -> None:
        self._stop()

    def _open(self) -> None:
        from rich.console import Console, RenderableType
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            MofNCompleteColumn,
            Progress,
            ProgressColumn,
            Task,
            TextColumn,
            TimeElapsedColumn,
        )
        from rich.text import Text

        known: ProgressColumn = DownloadColumn() if self._unit == "bytes" else MofNCompleteColumn()

        class Amount(ProgressColumn):
            """How much is done of how much; nothing of work without a measure."""

            def render(self, task: Task) -> RenderableType:
                return known.render(task) if task.completed or task.total else Text()

        columns = [TextColumn("{task.description}", markup=False), BarColumn(), Amount()]
        bar = Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True)
        task = bar.add_task("", total=None)
        bar.start()
        self._stop = bar.stop
        self._move = lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total or None
        )
