"""The traces that a NetScaler takes of itself: pages of records, some of them packets.

Source: the signatures and versions that Wireshark's wiretap knows; the records themselves are in
:mod:`pcapdiag.read.nstrace_records`.

A record is handed on whole, its header included, under a link type of its own: the header tells the
two legs of a session (:mod:`pcapdiag.layers.nstrace`).  So lengths are Wireshark's.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from pcapdiag.compiled import compiled
from pcapdiag.read.model import Interface
from pcapdiag.read.nstrace_records import (
    ABSOLUTE_TIME,
    LARGE_PAGE,
    OLD_CLASS,
    PAGE,
    SECONDS,
    SKIP_TO,
    STATE,
    UNUSED,
    header_length,
    scan,
    sets_time,
    size_of,
)
from pcapdiag.read.order import word

LINK_TYPES: Final = 0x10000
"""Plus the version makes the link type: greater than any that a file can declare."""

SIGNATURES: Final = {
    b"NetScaler Performance Data": 10,
    b"NetScaler V20 Performance Data": 20,
    b"Netscaler V30 Performance Data": 30,
    b"Netscaler V35 Performance Data": 35,
}
"""Text of the signature record -> version times ten."""
OLD_SIGNATURE: Final = b"\x01\x01"
SIGNATURE: Final = b"\x01"
OLD_BEFORE, BEFORE = 8, 3
"""Octets of the record before its text."""
OLD_SHORTEST, SHORTEST = 64, 34
MAKERS: Final = (b"NetScaler ", b"Netscaler ")
"""What all signatures begin with, those of versions not known here too."""

HEAD: Final = 64
"""Octets from which a record's length is told."""


@dataclass
class Nstrace:
    """One trace while it is read."""

    release: int
    """Version times ten."""
    state: list[int]
    """What a scan remembers, by the names in :mod:`pcapdiag.read.nstrace_records`."""
    interfaces: list[Interface]
    frames: int = 0

    name: Final = "nstrace"
    variant_name: Final = ""
    byte_order: Final = "little endian"
    begins: Final = 0
    drops: Final = -1
    comments: Final[tuple[str, ...]] = ()
    blocks: Final[tuple[tuple[str, int], ...]] = ()

    @property
    def version(self) -> str:
        """The format's version."""
        return f"{self.release // 10}.{self.release % 10}"

    def scan(
        self, data: Any, at: int, end: int, records: Any, run_compiled: bool
    ) -> tuple[int, int, int]:
        """Fill `records` from data[at:end]; returns count, where it stopped, and why.

        Each call goes on where the one before stopped: pages lie at multiples of their size.
        """
        run = compiled(scan) if run_compiled else scan
        state: Any = np.array(self.state, np.int64) if run_compiled else self.state
        count, at, status = run(data, at, end, self.release, state, records)
        self.state = [int(each) for each in state]
        self.frames += count
        return count, at, status

    def damage(self, data: Any, at: int, end: int) -> str:
        """Say what is wrong with the record that a scan refused."""
        size = size_of(data, at, self.release)
        kind = word(data, at, True) & (0xFFFF if self.release == 10 else 0xFF)
        header = header_length(self.release, kind)
        if size == 0:
            return f"a record of type {kind} claims 0 bytes"
        if size < header:
            return f"a packet's record claims {size} bytes, its header has {header}"
        return f"a packet's record of {size} bytes does not fit into its page"

    def begun(self, data: Any, at: int, end: int) -> str:
        """Say what the bytes left over at the end of the file are."""
        if end - at < 4:
            return "the file ends inside a record's header"
        whole = size_of(data, at, self.release)
        return f"the file ends inside a record, {end - at} of {whole} bytes are there"

    def captured(self, head: bytes) -> int:
        """Return the captured length that the beginning of a record tells; -1: it holds no packet."""
        if len(head) < 4:
            return -1
        kind = word(head, 0, True) & (0xFFFF if self.release == 10 else 0xFF)
        header = header_length(self.release, kind)
        if not 0 < header <= len(head):
            return -1
        return size_of(head, 0, self.release)


def begin(start: bytes) -> Nstrace | None:
    """Return the container of a file that begins with these bytes; None: no trace we read."""
    release = _release(start[:PAGE])
    if release is None:
        return None
    state = [0] * STATE
    # Packets before the first absolute time have none, and Wireshark leaves them out; but it does not
    # look for one in version 3.5.
    if release != 35:
        state[SKIP_TO], state[SECONDS] = _first_time(start, release)
    return Nstrace(release, state, [Interface(LINK_TYPES + release, 0)])


def _release(page: bytes) -> int | None:
    for text, release in SIGNATURES.items():
        at = page.find(text)
        while at >= 0:
            if _is_signature(page, at, release):
                return release
            at = page.find(text, at + 1)
    return None


def _is_signature(page: bytes, text: int, release: int) -> bool:
    """Tell whether a record that can be a signature is around its text."""
    old = release == 10
    at = text - (OLD_BEFORE if old else BEFORE)
    if at < 0 or not page[at:].startswith(OLD_SIGNATURE if old else SIGNATURE):
        return False
    size = int.from_bytes(page[at + 2 : at + 4], "little") if old else page[at + 1]
    return (OLD_SHORTEST if old else SHORTEST) <= size <= len(page) - at


def _first_time(start: bytes, release: int) -> tuple[int, int]:
    """Return where records go on behind the first absolute time, and that time; 0 and 0: none."""
    page = LARGE_PAGE if release >= 30 else PAGE
    wanted = ABSOLUTE_TIME + (OLD_CLASS if release == 10 else 0)
    width = 2 if release == 10 else 1
    length = sets_time(release, wanted)
    at = 0
    while at + length <= len(start):
        kind = int.from_bytes(start[at : at + width], "little")
        size = size_of(start, at, release)
        if kind == wanted:
            return at + size, word(start, at + length - 4, True)
        if kind == UNUSED:
            size = page - at % page
        if size == 0:
            break
        at = min(at + size, at - at % page + page)
    return 0, 0


def is_unknown(start: bytes) -> bool:
    """Tell whether a file that is no trace we read begins with a signature nevertheless."""
    return any(maker in start[:128] for maker in MAKERS)
