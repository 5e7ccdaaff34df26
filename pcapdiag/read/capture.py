"""One capture, block by block: the container's records in batches, damage as problems."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np

from pcapdiag.compiled import compiled
from pcapdiag.read import pcap, pcapng
from pcapdiag.read.compressed import Cut, unpack
from pcapdiag.read.foreign import what_it_is
from pcapdiag.read.model import (
    LARGEST_PACKET,
    RECORD,
    Account,
    Batch,
    Interface,
    Problem,
    Unreadable,
)
from pcapdiag.read.source import Hashed, open_source

BLOCK: Final = 4 << 20
RECORDS: Final = 1 << 16
"""Most records of one batch."""

START: Final = 64
"""Bytes that tell a container."""


class _Joined:
    """A stream whose first bytes were already taken."""

    def __init__(self, start: bytes, stream: Hashed) -> None:
        self._start = start
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        if self._start:
            taken, self._start = self._start[:size], self._start[size:]
            return taken
        return self._stream.read(size)


class CaptureFile:
    """A capture of any container and compression; iterate once."""

    def __init__(self, name: str, use_compiled: bool, block: int = BLOCK) -> None:
        self.name = name
        self.account = Account()
        self._block = block
        self._run: Callable[[Any], Any] = compiled if use_compiled else _as_it_is
        self._compiled = use_compiled
        self._stream = Hashed(open_source(name))
        try:
            start = self._fill(self._stream.read, START)
            packing, self._read = unpack(start, _Joined(start, self._stream))
            self._ahead = start if not packing else b""
            if packing:
                self._ahead = self._first(packing)
            else:
                self._read = self._stream.read
            self._container = self._begin(self._ahead)
        except (Unreadable, OSError):
            self._stream.close()
            raise
        self.account.format = self._container.name + (f"+{packing}" if packing else "")
        self.interfaces: list[Interface] = self._container.interfaces

    def _first(self, packing: str) -> bytes:
        try:
            return self._fill(self._read, START)
        except Cut as trouble:
            raise Unreadable(f"{self.name}: {trouble} before the capture's header") from None

    @staticmethod
    def _fill(read: Callable[[int], bytes], size: int) -> bytes:
        data = b""
        while len(data) < size and (more := read(size - len(data))):
            data += more
        return data

    def _begin(self, start: bytes) -> "pcap.Container | pcapng.Container":
        if not start:
            raise Unreadable(f"{self.name}: is empty; nothing was captured into it")
        found = pcapng.begin(start)
        if found:
            return found
        if start[:4] in pcap.MAGICS and len(start) < pcap.HEADER_LENGTH:
            raise Unreadable(f"{self.name}: ends within the pcap header; copy the file again")
        plain = pcap.begin(start)
        if plain is None:
            raise Unreadable(f"{self.name}: {what_it_is(start)}")
        return plain

    def __iter__(self) -> Iterator[Batch]:
        """Yield the batches; a batch's bytes are valid until the next one is asked for."""
        try:
            yield from self._batches()
        finally:
            self.account.sha256 = self._stream.finish()
            self.account.problems = list(self._container.problems)
            self.account.drops = self._container.drops
            self.account.comments = list(getattr(self._container, "comments", ()))

    def _batches(self) -> Iterator[Batch]:
        buffer = bytearray(max(self._block, 2 * START))
        buffer[: len(self._ahead)] = self._ahead
        filled, at, base, ended = len(self._ahead), self._container.skip, 0, False
        while True:
            if not ended:
                filled, ended = self._refill(buffer, filled)
            data = np.frombuffer(buffer, np.uint8)
            seen: Any = data if self._compiled else memoryview(buffer)
            records = np.zeros(min(RECORDS, 1 + (filled - at) // 16), RECORD)
            count, next_at, damaged = self._container.scan(self._run, seen, at, filled, records)
            if count:
                yield self._batch(data, records[:count], base)
            del data, seen
            at = next_at
            if damaged:
                self._problem("a record that cannot be one; reading ends there", base + at)
                return
            if count == len(records) and count:
                continue
            if ended:
                if at < filled:
                    self._problem("the file ends within a record", base + at)
                return
            # Carry the record that the block's end cut to the front of the next block.
            rest = filled - at
            if rest > len(buffer) // 2:
                if len(buffer) > 2 * LARGEST_PACKET + self._block:
                    self._problem("a record longer than any packet", base + at)
                    return
                larger = bytearray(len(buffer) * 2)
                larger[:rest] = buffer[at:filled]
                buffer = larger
            else:
                buffer[:rest] = buffer[at:filled]
            base, at, filled = base + at, 0, rest

    def _refill(self, buffer: bytearray, filled: int) -> tuple[int, bool]:
        """Fill the buffer; returns how far it is filled, and whether the stream has ended."""
        while filled < len(buffer):
            try:
                more = self._read(len(buffer) - filled)
            except Cut as trouble:
                self._problem(str(trouble), -1)
                return filled, True
            except OSError as trouble:
                self._problem(f"reading stopped: {trouble.strerror}", -1)
                return filled, True
            if not more:
                return filled, True
            buffer[filled : filled + len(more)] = more
            filled += len(more)
        return filled, False

    def _batch(self, data: Any, records: Any, base: int) -> Batch:
        account = self.account
        first = account.packets + 1
        account.packets += len(records)
        account.bytes += int(records["wire"].sum())
        account.cut_packets += int((records["captured"] < records["wire"]).sum())
        times = records["time_ns"][records["time_ns"] >= 0]
        if len(times):
            low, high = int(times.min()), int(times.max())
            account.first_ns = low if account.first_ns < 0 else min(account.first_ns, low)
            account.last_ns = max(account.last_ns, high)
        return Batch(data, records, base, first)

    def _problem(self, what: str, position: int) -> None:
        self._container.problems.append(Problem(what, position, self.account.packets))


def _as_it_is(function: Any) -> Any:
    return function


def open_capture(name: str, compiled: bool = False, block: int = BLOCK) -> CaptureFile:
    """Open a capture; `-` is standard input, `compiled` runs the scanning compiled.

    Raises Unreadable when it cannot be opened or is no capture.  Damage further on does not raise: it is
    listed in ``account.problems``, and what was read up to there counts.
    """
    return CaptureFile(name, compiled, block)
