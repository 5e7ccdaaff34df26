"""SHA-256 of a file (FIPS 180-4), computed beside its analysis.

Hashing takes longer than decoding: the reader must not wait for it, nor share its processors with it
while there is more to do at once than later.  So a second thread reads the same bytes again, far behind
the reader but soon enough to find them in the page cache, and goes on while pairs are sought.
"""

import os
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from threading import BoundedSemaphore
from typing import Final

SMALL: Final = 1 << 16
"""Fewer bytes are hashed at once: a thread would take longer."""

STEP: Final = 1 << 22
"""Bytes handed to the thread at a time."""

LAG: Final = min(1 << 30, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 8)
"""Bytes the thread stays behind the reader: 1 GiB or an eighth of the memory, which a page cache holds."""

MOST_BEHIND: Final = 64
"""Steps it may be behind that, before the reader waits."""

PIECE: Final = 1 << 18
"""Bytes read at a time: few enough to stay in the processor's cache until they are hashed."""


class Digest:
    """The digest of an open file, as far as it was read."""

    def __init__(self, file: int) -> None:
        """`file` is a descriptor; the digest keeps one of its own."""
        self._file = os.dup(file)
        self._sum = sha256()
        self._told = 0
        self._hashed = 0
        self._thread: ThreadPoolExecutor | None = None
        self._room = BoundedSemaphore(MOST_BEHIND)
        self._ended = False

    def reach(self, end: int) -> None:
        """Tell that the file was read up to the offset `end`; waits when the thread is too far behind."""
        while end - LAG - self._told >= STEP:
            self._told += STEP
            self._room.acquire()
            self._later().submit(self._step, self._told)

    def finish(self, end: int) -> Future[str]:
        """Return the digest of everything before the offset `end`, hexadecimal, once it is there."""
        self._ended = True
        if self._thread is None and end <= SMALL:
            digest = Future[str]()
            digest.set_result(self._rest(end))
            return digest
        return self._later().submit(self._rest, end)

    def close(self) -> None:
        """Give up, unless it is finishing: then it goes on by itself."""
        if self._thread is not None:
            self._thread.shutdown(wait=not self._ended, cancel_futures=not self._ended)
        if not self._ended:
            os.close(self._file)
            self._ended = True

    def _later(self) -> ThreadPoolExecutor:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "sha256")
        return self._thread

    def _step(self, end: int) -> None:
        try:
            self._update(end)
        finally:
            self._room.release()

    def _rest(self, end: int) -> str:
        try:
            self._update(end)
        finally:
            os.close(self._file)
        return self._sum.hexdigest()

    def _update(self, end: int) -> None:
        room = memoryview(bytearray(min(PIECE, end - self._hashed)))
        while self._hashed < end:
            count = self._read(room[: end - self._hashed])
            if count == 0:
                return
            self._sum.update(room[:count])
            self._hashed += count

    def _read(self, room: memoryview) -> int:
        try:
            return os.preadv(self._file, [room], self._hashed)
        except OSError:  # the reader has met it too, and says so
            return 0
