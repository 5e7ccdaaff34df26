"""Compressed captures, known by their magic: gzip, zstandard, lz4, xz and bzip2.

Source: RFC 1952 (gzip), RFC 8878 (zstandard), the LZ4 frame and .xz format descriptions, libbz2.
A stream cut short yields what it held.  One more format is one more line in ``FORMATS``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

READ: Final = 1 << 18
"""Compressed bytes read from disk at a time."""

LARGEST_WINDOW: Final = 1 << 27
"""Zstandard frames may ask for 2 GiB of memory; ``zstd --long`` writes 128 MiB."""

LARGEST_DICTIONARY: Final = 1 << 28
"""Xz streams may ask for 1.5 GiB of memory; ``xz -9`` needs 65 MiB."""

STEP: Final = 1 << 20
"""Bytes that a decompressor with a say in it returns at once."""

ANY_GROWTH: Final = 1 << 28
"""So much may come out of however few bytes."""

LARGEST_GROWTH: Final = 1000
"""How much larger a capture beyond that is when unpacked, at most: a bomb is defused here."""


class Decompressor(Protocol):
    """What zlib, bz2, lzma, lz4 and zstandard offer alike, for one member of a stream.

    Those that keep to a size (`Format.stepwise`) take it as a second argument, and have
    `needs_input`: False while more would come out without any new bytes.
    """

    @property
    def eof(self) -> bool:
        """Whether the member is over."""

    @property
    def unused_data(self) -> bytes:
        """What was given after the member's end."""

    def decompress(self, data: bytes, /) -> bytes:
        """Return what these bytes unpack to, all of it."""


@dataclass(frozen=True)
class Format:
    """One way to compress."""

    name: str
    magics: tuple[bytes, ...]
    begin: Callable[[], tuple[Decompressor, type[Exception]]]
    """Returns a decompressor for one member, and what it raises on damage."""
    chunk: int
    """Compressed bytes given to it at a time.

    They bound what comes out at once, to 16 or 32 MiB where the decompressor has no say in it, and
    what is looked at again after each of many small members.
    """
    stepwise: bool = False
    """Whether the decompressor itself returns no more than it is asked for, STEP."""

    def may_begin(self, start: bytes) -> bool:
        """Tell whether a member may begin with these bytes, of which few may be at hand."""
        return any(start[: len(each)] == each[: len(start)] for each in self.magics)


def _gzip() -> tuple[Decompressor, type[Exception]]:
    import zlib

    return zlib.decompressobj(wbits=31), zlib.error


def _zstd() -> tuple[Decompressor, type[Exception]]:
    import zstandard

    frames = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
    return frames.decompressobj(), zstandard.ZstdError


def _lz4() -> tuple[Decompressor, type[Exception]]:
    import lz4.frame

    return lz4.frame.LZ4FrameDecompressor(), RuntimeError


def _xz() -> tuple[Decompressor, type[Exception]]:
    import lzma

    return lzma.LZMADecompressor(lzma.FORMAT_XZ, LARGEST_DICTIONARY), lzma.LZMAError


def _bzip2() -> tuple[Decompressor, type[Exception]]:
    import bz2

    return bz2.BZ2Decompressor(), OSError


SKIPPED_FRAMES: Final = tuple(bytes([low, 0x2A, 0x4D, 0x18]) for low in range(0x50, 0x60))
"""Zstandard and lz4 frames without data, as parallel compressors write them (RFC 8878 3.1.2)."""

FORMATS: Final = (
    Format("gzip", (b"\x1f\x8b",), _gzip, 1 << 14),  # grows by 1032 at most
    Format("zstd", (b"\x28\xb5\x2f\xfd", *SKIPPED_FRAMES), _zstd, 1 << 10),  # 4 bytes to 128 KiB
    Format("lz4", (b"\x04\x22\x4d\x18", *SKIPPED_FRAMES), _lz4, 1 << 13, stepwise=True),
    Format("xz", (b"\xfd7zXZ\0",), _xz, 1 << 13, stepwise=True),
    Format("bzip2", (b"BZh",), _bzip2, 1 << 13, stepwise=True),
)


def format_of(start: bytes) -> Format | None:
    """Return how a file that begins with these bytes is compressed; None: not at all."""
    return next((each for each in FORMATS if start.startswith(each.magics)), None)


class Unpacker:
    """Unpacks a stream of one or several members, in bounded memory."""

    def __init__(self, format: Format, read: Callable[[int], bytes]) -> None:
        """`read` returns up to so many compressed bytes, b"" at the end."""
        self.trouble = ""
        """What ended the stream early; "": nothing did."""
        self._format = format
        self._read = read
        self._raw = b""
        self._at = 0
        self._member: Any = None
        self._damage: type[Exception] = ValueError
        self._left = memoryview(b"")
        self._in = 0
        """Compressed bytes taken so far."""
        self._out = 0
        """Bytes they have become."""

    def read_into(self, room: memoryview) -> int:
        """Fill `room` as far as the stream goes; returns how many bytes, 0 at the end."""
        filled = 0
        while filled < len(room):
            if not self._left:
                unpacked = self._more()
                if unpacked is None:
                    break
                self._left = memoryview(unpacked)
            count = min(len(self._left), len(room) - filled)
            room[filled : filled + count] = self._left[:count]
            self._left = self._left[count:]
            filled += count
        return filled

    def _more(self) -> bytes | None:
        """Return what the next few compressed bytes hold; None: the stream is over."""
        if self.trouble:
            return None
        if self._out > max(ANY_GROWTH, LARGEST_GROWTH * self._in):
            times = f"{LARGEST_GROWTH} times its size"
            self.trouble = f"the {self._format.name} stream unpacks to more than {times}"
            return None
        if self._member is not None and self._format.stepwise and not self._member.needs_input:
            return self._unpack(b"")
        data = self._next_chunk()
        name = self._format.name
        if self._member is None:
            if not data:
                return None
            data = data.lstrip(b"\0")  # padding of tapes and disks
            if not data:
                return b""
            if not self._format.may_begin(data):
                self.trouble = f"after the {name} stream come bytes that are none"
                return None
            self._member, self._damage = self._format.begin()
        elif not data:
            self.trouble = f"the {name} stream is cut short"
            return None
        return self._unpack(data)

    def _unpack(self, data: bytes) -> bytes | None:
        try:
            unpacked: bytes = (
                self._member.decompress(data, STEP)
                if self._format.stepwise
                else self._member.decompress(data)
            )
        except self._damage as error:
            self.trouble = f"the {self._format.name} stream is damaged ({error})"
            return None
        self._out += len(unpacked)
        if self._member.eof:
            # What follows is taken again, as the begin of the next member.
            unused = len(self._member.unused_data or b"")
            self._at -= unused
            self._in -= unused
            self._member = None
        return unpacked

    def _next_chunk(self) -> bytes:
        if self._at >= len(self._raw):
            self._raw, self._at = self._read(READ), 0
        chunk = self._raw[self._at : self._at + self._format.chunk]
        self._at += len(chunk)
        self._in += len(chunk)
        return chunk
