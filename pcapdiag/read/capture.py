"""An opened capture: blocks of its bytes, and the packet records found in them."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pcapdiag.read.model import (
    DAMAGED,
    MORE,
    RECORD,
    Account,
    Batch,
    Interface,
    Problem,
    Unreadable,
)
from pcapdiag.read.recognise import START_LENGTH, Container, container_of, refusal
from pcapdiag.read.source import Source

BLOCK: Final = 1 << 22
"""Bytes read at a time: few enough to stay in the processor's cache until they are decoded, and so many
that the interpreter is seldom needed, for which other threads ask too."""

SMALLEST_BLOCK: Final = 64

BUFFERS: Final = 3
"""One is filled while others hold the begin of a packet and the batch that is still looked through."""

MOST_RECORDS: Final = 1 << 14
"""Records of one batch at most."""


LARGE: Final = 16 << 20
"""Bytes on disk from which compiled scanning is sooner done, whether compiled code is kept or not."""

MANY: Final = 300_000
"""Frames after which compiled scanning is sooner done, however small the file is on disk."""

USUAL_GROWTH: Final = 8
"""How much larger a compressed capture is when unpacked, roughly."""


def open_capture(name: str, compiled: bool | None = None, block: int = BLOCK) -> "OpenedCapture":
    """Recognise a capture; ``-`` is standard input.

    `compiled`: scan by compiled code; None: when the file is large.  `block`: bytes to read at a time.
    Raises Unreadable when the file cannot be opened or is no capture; from then on damage becomes
    problems in the account.
    """
    with Source(name) as source:
        container = _begin(name, source)
        account = Account(format=source.kind.name if source.kind else container.name)
        if source.packed is not None:
            account.format += f"+{source.packed.name}"
        change = compiled is None
        if compiled is None:
            compiled = source.size * (USUAL_GROWTH if source.packed else 1) >= LARGE
        return OpenedCapture(
            name, source.size, compiled, change, max(block, SMALLEST_BLOCK), container, account
        )


def _begin(name: str, source: Source) -> Container:
    start = bytearray(START_LENGTH)
    count = source.read_into(memoryview(start))
    container = container_of(bytes(start[:count]))
    if container is not None:
        return container
    if count == 0 and source.trouble and source.kind:
        raise Unreadable(name, f"is {source.kind.what}: {source.trouble}")
    if count == 0 and source.trouble:
        raise Unreadable(name, f"{source.trouble}, nothing could be read: copy the file again")
    reason = refusal(name, bytes(start[:count]))
    raise Unreadable(name, f"unpacked, {reason}" if source.packed else reason)


class OpenedCapture:
    """A capture file; implements the room's Capture."""

    def __init__(
        self,
        name: str,
        size: int,
        compiled: bool,
        change: bool,
        block: int,
        container: Container,
        account: Account,
    ) -> None:
        self.name = name
        self.size = size
        self.done = 0
        self.compiled = compiled
        self._change = change
        """Whether to scan by compiled code from MANY frames on."""
        self.interfaces: list[Interface] = container.interfaces
        self.account = account
        self.length = 0
        """Bytes of the unpacked stream, as far as it was read."""
        self._time_ns = -1
        self._block = block
        self._container = container

    def again(self) -> "OpenedCapture":
        """Return the same capture to be read once more; raises Unreadable when it is gone."""
        return open_capture(self.name, None if self._change else self.compiled, self._block)

    @property
    def frames(self) -> int:
        """Frames so far, with those that hold no packet."""
        return self._container.frames

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches in file order; the account is complete afterwards."""
        try:
            source = Source(self.name, hashed=True)
        except Unreadable as error:  # gone since it was recognised
            self._problem(error.reason, 0)
            return
        with source:
            blocks = _Blocks(source, self._block)
            yield from self._batches(source, blocks)
            self._describe()
            self.account.comments = list(self._container.comments)
            self.account.drops = self._container.drops
            self.account.digest = source.finish()
            self.done = source.done

    def _describe(self) -> None:
        account, container = self.account, self._container
        account.variant, account.version = container.variant_name, container.version
        account.byte_order = container.byte_order
        account.blocks = dict(container.blocks)

    def _batches(self, source: Source, blocks: "_Blocks") -> Iterator[Batch]:
        container = self._container
        records, in_use = np.zeros(MOST_RECORDS, RECORD), np.zeros(MOST_RECORDS, RECORD)
        at = container.begins
        keep = 0
        while True:
            last = blocks.fill(keep)
            self.done = source.done
            self.length = blocks.base + blocks.end
            if self._change and container.frames >= MANY:
                self.compiled = True
            compiled = self.compiled
            data: Any = blocks.data if compiled else blocks.data.data
            at = min(at, blocks.end)
            status = MORE
            while status == MORE:
                first = container.frames + 1
                count, at, status = container.scan(data, at, blocks.end, records, compiled)
                if count:
                    records, in_use = in_use, records
                    blocks.keep()
                    yield self._batch(blocks, in_use[:count], first)
            if status == DAMAGED:
                what = container.damage(data, at, blocks.end)
                self._problem(f"{what}: nothing after it was read", blocks.base + at)
                return
            if last:
                if source.trouble:
                    self._problem(source.trouble, blocks.base + blocks.end)
                if at < blocks.end:
                    self._problem(container.begun(data, at, blocks.end), blocks.base + at)
                return
            keep = blocks.end - at
            at = 0

    def _batch(self, blocks: "_Blocks", records: NDArray[Any], first: int) -> Batch:
        account = self.account
        account.packets += len(records)
        account.bytes += int(records["wire"].sum())
        account.cut_packets += int(np.count_nonzero(records["captured"] < records["wire"]))
        self._times(records["time_ns"], first)
        return Batch(blocks.data[: blocks.end], records, blocks.base, first)

    def _times(self, times: NDArray[Any], first: int) -> None:
        """Account for the times of packets whose first has the frame number `first`."""
        account = self.account
        numbers: NDArray[np.int64] | range = range(first, first + len(times))
        known = times.copy()  # Packed: it is read several times.
        if known.min() < 0:
            timed = np.flatnonzero(known >= 0)
            account.untimed += len(known) - len(timed)
            known, numbers = known[timed], timed + first
            if not len(known):
                return
        low, high = int(known.min()), int(known.max())
        account.first_ns = low if account.first_ns < 0 else min(account.first_ns, low)
        account.last_ns = max(account.last_ns, high)
        steps = np.empty_like(known)
        np.subtract(known[1:], known[:-1], out=steps[1:])
        steps[0] = known[0] - self._time_ns
        if self._time_ns < 0:
            steps, numbers = steps[1:], numbers[1:]
        self._time_ns = int(known[-1])
        if not len(steps):
            return
        if steps.min() < 0:
            back = steps < 0
            account.backwards += int(np.count_nonzero(back))
            account.backwards_ns = max(account.backwards_ns, -int(steps.min()))
            if account.backwards_frame < 0:
                account.backwards_frame = int(numbers[int(back.argmax())])
        account.equal_times += len(steps) - int(np.count_nonzero(steps))
        longest = int(steps.argmax())
        if steps[longest] > account.gap_ns:
            account.gap_ns, account.gap_frame = int(steps[longest]), int(numbers[longest])

    def _problem(self, what: str, position: int) -> None:
        self.account.problems.append(Problem(what, position, self._container.frames))


class _Blocks:
    """Buffers that are filled in turn; bytes not yet scanned move from one to the next."""

    def __init__(self, source: Source, size: int) -> None:
        self._source = source
        self._size = size
        self._buffers = [np.empty(0, np.uint8) for _ in range(BUFFERS)]
        self._turn = 0
        self._kept = 0
        self.data = self._buffers[0]
        self.end = 0
        """Bytes of `data` in use."""
        self.base = 0
        """Offset of data[0] in the unpacked stream."""

    def keep(self) -> None:
        """Leave this buffer as it is until another one is to be kept."""
        self._kept = self._turn

    def fill(self, keep: int) -> bool:
        """Go on to the next buffer with the last `keep` bytes and more; returns whether that is all."""
        # A packet larger than a block doubles it until it is whole.
        more = max(self._size, keep)
        self._turn = next(n for n in range(BUFFERS) if n not in (self._turn, self._kept))
        if len(self._buffers[self._turn]) < keep + more:
            self._buffers[self._turn] = np.empty(keep + more, np.uint8)
        buffer = self._buffers[self._turn]
        buffer[:keep] = self.data[self.end - keep : self.end]
        room = buffer.data[keep : keep + more]
        count = self._source.read_into(room)
        self.base += self.end - keep
        self.data, self.end = buffer, keep + count
        return count < more
