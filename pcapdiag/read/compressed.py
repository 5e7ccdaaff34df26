"""Compressed captures, known by their magic: gzip (RFC 1952) and zstandard (RFC 8878).

A stream cut short yields what it held.  One more format is one more line in ``FORMATS``.
"""

from collections.abc import Callable
from typing import Final, Protocol

CHUNK: Final = 1 << 20


class Stream(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; b"" at the end."""
        ...


class Cut(Exception):  # noqa: N818 - says what happened to the stream
    """The compressed stream ends early or is damaged; the message says how."""


def _gzip(stream: Stream) -> Callable[[int], bytes]:
    import zlib

    # zlib itself, not the gzip module: it hands out every byte before it reports damage.
    member = zlib.decompressobj(wbits=31)
    packed = b""

    def read(size: int) -> bytes:
        nonlocal member, packed
        while True:
            if member.eof:
                packed = member.unused_data or packed
                if packed[:2] != b"\x1f\x8b" and not (packed := packed or stream.read(CHUNK)):
                    return b""
                if packed[:2] != b"\x1f\x8b":
                    return b""  # what follows the last member is padding (gzip(1))
                member = zlib.decompressobj(wbits=31)
            packed = packed or stream.read(CHUNK)
            if not packed:
                raise Cut("the gzip stream ends early")
            try:
                data = member.decompress(packed, size)
            except zlib.error as trouble:
                raise Cut(f"the gzip stream is damaged: {trouble}") from None
            packed = member.unconsumed_tail
            if data:
                return data

    return read


def _zstd(stream: Stream) -> Callable[[int], bytes]:
    import zstandard

    # A frame may ask for a window of up to 2 GiB; what capture tools write needs 128 MiB at most.
    reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(
        stream,  # type: ignore[arg-type]  # it only reads
        read_across_frames=True,
    )

    def read(size: int) -> bytes:
        try:
            data: bytes = reader.read1(size)
        except zstandard.ZstdError as trouble:
            raise Cut(f"the zstandard stream is damaged: {trouble}") from None
        return data

    return read


FORMATS: Final[dict[bytes, tuple[str, Callable[[Stream], Callable[[int], bytes]]]]] = {
    b"\x1f\x8b": ("gzip", _gzip),
    b"\x28\xb5\x2f\xfd": ("zstd", _zstd),
}
"""Magic -> name and opener; an opener returns read(size) -> bytes, b"" at the end."""


def unpack(start: bytes, stream: Stream) -> tuple[str, Callable[[int], bytes]]:
    """Return the compression's name ("" for none) and a reader of the unpacked bytes.

    `start` are the stream's first bytes, which `stream` yields again.
    """
    for magic, (name, opener) in FORMATS.items():
        if start.startswith(magic):
            return name, opener(stream)
    return "", stream.read
