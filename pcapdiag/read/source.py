"""Bytes of a capture in order, unpacked or converted, while the file on disk is hashed beside."""

import os
import shutil
import stat
import sys
import tempfile
from concurrent.futures import Future
from types import TracebackType
from typing import BinaryIO, Final, Self

from pcapdiag.read.compressed import Format, Unpacker, format_of
from pcapdiag.read.digest import Digest
from pcapdiag.read.foreign import Converter, Kind, asked_kind, kind_of, spool
from pcapdiag.read.model import Unreadable
from pcapdiag.read.recognise import is_ours, is_unknown

STANDARD_INPUT: Final = "-"

START: Final = 512
"""Bytes that show what a file is."""

PIECE: Final = 1 << 20
"""Bytes read at a time where nobody looks at them."""


def open_file(name: str) -> int:
    """Open a capture and return its file descriptor, which allows reading at any offset.

    ``-`` is standard input; when that is a pipe it is first copied to a temporary file, which takes
    its place (as ``sys.stdin``, until the process ends), so that it can be read again.  Raises
    Unreadable.
    """
    if name in (STANDARD_INPUT, "/dev/stdin"):
        return _standard_input(name)
    try:
        kind = os.stat(name).st_mode
        if stat.S_ISDIR(kind):
            raise Unreadable(name, "is a folder: name a capture in it, or use `pcapdiag audit`")
        if not stat.S_ISREG(kind):
            raise Unreadable(
                name, "is no regular file and can be read only once: give it as standard input, `-`"
            )
        return os.open(name, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Unreadable(name, "does not exist: check the name and the folder") from None
    except PermissionError:
        raise Unreadable(
            name, "may not be read by this user: change its permissions or copy it"
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise Unreadable(name, f"cannot be opened ({_words(error)})") from None


def _standard_input(name: str) -> int:
    stream = sys.stdin.buffer
    try:
        descriptor = stream.fileno()
    except OSError:  # not the process's own: replaced by something in memory
        return os.dup(_spool(name, stream))
    if os.isatty(descriptor):
        raise Unreadable(name, "standard input is a terminal: pipe a capture into it")
    try:
        os.lseek(descriptor, 0, os.SEEK_CUR)
    except OSError:  # a pipe
        descriptor = _spool(name, stream)
    return os.dup(descriptor)


def _spool(name: str, stream: BinaryIO) -> int:
    """Copy a stream to a temporary file without a name, and make that standard input."""
    descriptor, path = tempfile.mkstemp(prefix="pcapdiag-")
    os.unlink(path)
    try:
        with open(descriptor, "wb", closefd=False) as spool:
            shutil.copyfileobj(stream, spool, 1 << 20)
    except OSError as error:
        os.close(descriptor)
        raise Unreadable(
            name, f"could not be kept in {tempfile.gettempdir()} ({_words(error)})"
        ) from None
    sys.stdin = open(descriptor, errors="replace", closefd=False)  # noqa: SIM115
    return descriptor


def _words(error: Exception) -> str:
    """Return the operating system's words for an error, without number and name."""
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def _unpacked(packed: Format, file: BinaryIO) -> bytes:
    """Return the first bytes that a compressed file unpacks to."""
    room = memoryview(bytearray(START))
    return bytes(room[: Unpacker(packed, file.read).read_into(room)])


def is_capture(path: str) -> bool:
    """Tell whether a regular file begins as a capture does, compressed or not; names tell nothing.

    Formats without a magic are not looked for.  False also for what cannot be opened.
    """
    try:
        # Opening a pipe or a device could wait for ever.
        if not stat.S_ISREG(os.stat(path).st_mode):
            return False
        with open(path, "rb", buffering=0) as file:
            start = file.read(START)
            packed = format_of(start)
            if packed is not None:
                file.seek(0)
                start = _unpacked(packed, file)
    except OSError:  # vanished or forbidden
        return False
    return is_ours(start) or kind_of(start) is not None


class Source:
    """One capture's bytes, unpacked; a context manager that closes the file."""

    def __init__(self, name: str, hashed: bool = False) -> None:
        """Open the file and look at its begin.  Raises Unreadable."""
        self._file = open_file(name)
        self._digest = Digest(self._file) if hashed else None
        self.size = os.fstat(self._file).st_size
        """Bytes on disk."""
        self.done = 0
        """Bytes on disk read so far."""
        self.trouble = ""
        """Why no more bytes came, if not because the file was over."""
        self.packed: Format | None = None
        """How it is compressed."""
        self.kind: Kind | None = None
        """What Wireshark converts it from."""
        self._stream: Unpacker | Converter | None = None
        try:
            self._begin(name)
        except OSError as error:
            self.close()
            raise Unreadable(name, f"cannot be read ({_words(error)})") from None
        except Unreadable:
            self.close()
            raise

    def _begin(self, name: str) -> None:
        start = os.pread(self._file, START, 0)
        self.packed = format_of(start)
        if self.packed is not None:
            self._stream = Unpacker(self.packed, self._read_raw)
            with open(os.dup(self._file), "rb") as file:
                file.seek(0)
                start = _unpacked(self.packed, file)
        if is_ours(start):
            return
        self.kind = kind_of(start)
        if self.kind is None and is_unknown(start):
            self.kind = asked_kind(self._file)
        if self.kind is None:
            return
        if isinstance(self._stream, Unpacker):
            spooled = spool(name, self._stream)
            try:
                size = os.fstat(spooled).st_size
                self._stream = Converter(name, start, self.kind, spooled, size)
            finally:
                os.close(spooled)
        else:
            self._stream = Converter(name, start, self.kind, self._file, self.size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, and end a conversion that still runs."""
        if self._digest is not None:
            self._digest.close()
        if isinstance(self._stream, Converter):
            self._stream.close()
        os.close(self._file)

    def read_into(self, room: memoryview) -> int:
        """Fill `room` as far as the bytes go; returns how many there were."""
        if self._stream is not None:
            count = self._stream.read_into(room)
            self.trouble = self.trouble or self._stream.trouble
            return count
        filled = 0
        while filled < len(room):
            count = self._read(room[filled:])
            if count == 0:
                break
            filled += count
        return filled

    def skip(self, count: int) -> int:
        """Leave out so many unpacked bytes; returns how many there were."""
        if self._stream is None:
            self.done += count
            return count
        room = memoryview(bytearray(min(count, PIECE)))
        skipped = 0
        while skipped < count:
            step = self._stream.read_into(room[: count - skipped])
            if step == 0:
                break
            skipped += step
        return skipped

    def finish(self) -> Future[str]:
        """Return the SHA-256 of the whole file as it lies on disk, hexadecimal, once it is there.

        Only of a source that is `hashed`.
        """
        assert self._digest is not None
        self.done = max(self.done, os.fstat(self._file).st_size)
        return self._digest.finish(self.done)

    def _read_raw(self, size: int) -> bytes:
        room = bytearray(size)
        count = self._read(memoryview(room))
        return bytes(memoryview(room)[:count])

    def _read(self, room: memoryview) -> int:
        try:
            count = os.preadv(self._file, [room], self.done)
        except OSError as error:
            self.trouble = f"the file cannot be read on ({_words(error)})"
            return 0
        self.done += count
        if self._digest is not None:
            self._digest.reach(self.done)
        return count
