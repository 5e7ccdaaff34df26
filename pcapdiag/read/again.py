"""Single packets of a capture that was read before, found by their position.

Works for every container, for compressed files (unpacked once more, in order) and for standard
input (kept by :mod:`pcapdiag.read.source`).
"""

from collections.abc import Iterable
from typing import Final

from pcapdiag.read.model import LARGEST_PACKET, Account, Unreadable
from pcapdiag.read.nstrace import HEAD, Nstrace
from pcapdiag.read.order import word
from pcapdiag.read.pcap import Pcap
from pcapdiag.read.pcapng_packets import OLD_PACKET, PACKET, SIMPLE_PACKET
from pcapdiag.read.recognise import START_LENGTH, container_of
from pcapdiag.read.snoop import Snoop
from pcapdiag.read.source import Source

BEFORE: Final = 28
"""Bytes before a packet that tell how long it is, at most."""

STEP: Final = 1 << 20


def packets_at(
    name: str,
    positions: Iterable[int],
    most: int = LARGEST_PACKET,
    account: Account | None = None,
) -> dict[int, bytes]:
    """Return the packets' captured bytes by position (``Batch.base + record["at"]``).

    `most`: no more bytes of a packet than this.  `account`: that of the capture, where it may be kept in
    several files.  A position with no packet (the file changed) is left out; of a
    simple packet block up to 3 bytes of padding may come along.  Raises Unreadable when the file
    cannot be opened any more.
    """
    found = dict[int, bytes]()
    if account is not None and account.parts:
        for file, places in account.located(name, positions).items():
            for at, packet in packets_at(file, places, most).items():
                found[places[at]] = packet
        return found
    with Source(name) as source:
        window = _Window(source)
        container = container_of(window.get(0, START_LENGTH))
        if container is None:
            raise Unreadable(name, "is no longer the capture that was read: do not change it")
        for position in sorted(set(positions)):
            before = min(BEFORE, position)
            head = window.get(position - before, position)
            if len(head) < before:
                break
            if isinstance(container, Nstrace):
                begin = window.get(position - before, position + HEAD)[before:]
                length = container.captured(begin)
            else:
                length = _length(container, head.rjust(BEFORE, b"\0"))
            if 0 <= length <= LARGEST_PACKET:
                taken = min(length, most)
                packet = window.get(position - before, position + taken)[before:]
                if len(packet) == taken:
                    found[position] = packet
    return found


def _length(container: object, head: bytes) -> int:
    """Return the captured length told by the 28 bytes before a packet; -1: they tell none."""
    if isinstance(container, Pcap | Snoop):
        record = head[BEFORE - container.header :]
        return container.captured(record)
    for little in (True, False):
        # Enhanced and old packet blocks begin 28 bytes before their packet, simple ones 12.
        kind, length = word(head, 0, little), word(head, 4, little)
        captured = word(head, 20, little)
        if kind in (PACKET, OLD_PACKET) and captured + 32 <= length and length & 3 == 0:
            return captured
        kind, length = word(head, 16, little), word(head, 20, little)
        if kind == SIMPLE_PACKET and length >= 16 and length & 3 == 0:
            return min(length - 16, word(head, 24, little))
    return -1


class _Window:
    """A stretch of the unpacked stream that only moves forward."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._data = bytearray()
        self._base = 0

    def get(self, first: int, end: int) -> bytes:
        """Return bytes [first:end), fewer at the end of the file; `first` never goes back."""
        drop = min(first - self._base, len(self._data))
        del self._data[:drop]
        self._base += drop
        if self._base < first:
            self._base += self._source.skip(first - self._base)
            if self._base < first:
                return b""
        while self._base + len(self._data) < end:
            room = bytearray(min(end - self._base - len(self._data), STEP))
            count = self._source.read_into(memoryview(room))
            self._data += room[:count]
            if count < len(room):
                break
        return bytes(self._data[first - self._base : end - self._base])
