"""Where bytes come from: a path, or standard input kept aside to be read again.

The hash of the file as it lies on disk is computed while it is read, in a thread beside the decoding.
"""

import hashlib
import os
import queue
import stat
import sys
import tempfile
import threading
from typing import IO, Final, Protocol

from pcapdiag.read.model import Unreadable

STANDARD_INPUT: Final = "-"
SPOOL_IN_MEMORY: Final = 64 << 20


class Readable(Protocol):
    """As much of a binary file as reading a capture needs."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; b"" at the end."""
        ...

    def seek(self, position: int, /) -> int:
        """Go to a position from the beginning."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Hashed:
    """A binary stream that hashes what is read from it, once, in its own thread."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._sum = hashlib.sha256()
        self._work: queue.Queue[bytes | None] = queue.Queue(maxsize=4)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while (chunk := self._work.get()) is not None:
            self._sum.update(chunk)

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; b"" at the end."""
        data = self._stream.read(size)
        if data:
            self._work.put(data)
        return data

    def finish(self) -> str:
        """Read what is left, close, and return the SHA-256 as hex digits."""
        while self.read(1 << 20):
            pass
        self.close()
        return self._sum.hexdigest()

    def close(self) -> None:
        """Stop hashing and close the stream."""
        if self._thread.is_alive():
            self._work.put(None)
            self._thread.join()
        self._stream.close()


_spooled: dict[str, IO[bytes]] = {}
"""Standard input, kept for a second reading; filled at most once a process."""


def open_source(name: str) -> Readable:
    """Open a capture for reading from its beginning; `-` is standard input.

    Raises Unreadable with what is wrong and what to do.
    """
    if name == STANDARD_INPUT:
        return _standard_input()
    try:
        mode = os.stat(name).st_mode
        if stat.S_ISDIR(mode):
            raise Unreadable(
                f"{name}: is a folder; use `pcapdiag audit {name}` for all captures in it"
            )
        return open(name, "rb", buffering=0)
    except FileNotFoundError:
        raise Unreadable(f"{name}: no such file; check the path") from None
    except PermissionError:
        raise Unreadable(f"{name}: not readable by this user; check its permissions") from None
    except (OSError, ValueError) as trouble:
        raise Unreadable(f"{name!r}: cannot be opened ({trouble})") from None


def _standard_input() -> Readable:
    if STANDARD_INPUT not in _spooled:
        spool = tempfile.SpooledTemporaryFile(max_size=SPOOL_IN_MEMORY)  # noqa: SIM115 - kept open
        while chunk := sys.stdin.buffer.read(1 << 20):
            spool.write(chunk)
        _spooled[STANDARD_INPUT] = spool
    spool_again = _spooled[STANDARD_INPUT]
    spool_again.seek(0)
    return _Kept(spool_again)


class _Kept:
    """The spooled input, which closing leaves open for the next reader."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        return self._stream.read(size)

    def seek(self, position: int, /) -> int:
        return self._stream.seek(position)

    def close(self) -> None:
        """Leave the spool as it is."""
