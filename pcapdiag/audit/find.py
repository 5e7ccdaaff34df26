"""Find captures below folders by what they begin with; names tell nothing.

Source: the first bytes of pcap (draft-ietf-opsawg-pcap 4), pcapng (draft-ietf-opsawg-pcapng 4.1),
gzip (RFC 1952 2.3.1) and Zstandard (RFC 8878 3.1.1).
"""

import os
import stat
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CAPTURES: Final = (
    b"\xa1\xb2\xc3\xd4", b"\xd4\xc3\xb2\xa1",  # pcap, microseconds
    b"\xa1\xb2\x3c\x4d", b"\x4d\x3c\xb2\xa1",  # pcap, nanoseconds
    b"\x0a\x0d\x0d\x0a",  # pcapng
)  # fmt: skip
GZIP: Final = b"\x1f\x8b"
ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True)
class Found:
    """A file to analyse."""

    path: str
    shown: str
    """Its name in the audit: does not depend on where the folder lies."""


def find(paths: Sequence[str]) -> list[Found]:
    """Return the captures in folders and the files named, each once, in order of their shown names.

    A file that the user names is taken whatever it holds.  Links to folders are not followed.
    """
    found: dict[str, Found] = {}
    for given in paths:
        # Names that two folders share would be the same row; then the folder is part of the name.
        prefix = f"{Path(given).name or given}/" if len(paths) > 1 else ""
        if not os.path.isdir(given):
            found.setdefault(os.path.realpath(given), Found(given, Path(given).name or given))
            continue
        for path in _walk(given):
            shown = prefix + Path(path).relative_to(given).as_posix()
            found.setdefault(os.path.realpath(path), Found(path, shown))
    return sorted(_told_apart(list(found.values())), key=lambda one: (one.shown, one.path))


def _walk(folder: str) -> Iterator[str]:
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(here, name)
            if is_capture(path):
                yield path


def is_capture(path: str) -> bool:
    """Return whether a regular file begins as a capture does, compressed or not."""
    try:
        # Opening a pipe or a device could wait for ever.
        if not stat.S_ISREG(os.stat(path).st_mode):
            return False
        with open(path, "rb") as file:
            start = file.read(4)
            if start.startswith(GZIP):
                file.seek(0)
                return _in_gzip(file.read(65536))
    except OSError:
        # Vanished or forbidden: the walk goes on, it was not named by the user.
        return False
    # What Zstandard holds is seen when it is analysed.
    return start in (*CAPTURES, ZSTANDARD)


def _in_gzip(data: bytes) -> bool:
    try:
        return zlib.decompressobj(wbits=31).decompress(data, 4) in CAPTURES
    except zlib.error:
        return False


def _told_apart(found: list[Found]) -> list[Found]:
    count = Counter(one.shown for one in found)
    return [one if count[one.shown] == 1 else Found(one.path, one.path) for one in found]
