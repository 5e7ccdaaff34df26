"""One capture taken at several interfaces, each in a file of its own: read as one, in order of time.

Frames are numbered as in a file that ``mergecap`` makes of them (wireshark.org, mergecap manual): the
packets of one file keep their order, of two with the same time that of the later file comes first.
"""

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pcapdiag.read.capture import BUFFERS
from pcapdiag.read.model import Account, Batch, Capture, Interface, Part, Problem

MOST_STRANDS: Final = 255
"""The number of a strand is kept in one octet for each packet."""


def woven(captures: Sequence[Capture]) -> Capture:
    """Return captures taken side by side as one, to be read anew; raises Unreadable when one is gone."""
    return WovenCapture([capture.again() for capture in captures])


class WovenCapture:
    """Several captures that are read as one; implements the room's Capture."""

    def __init__(self, strands: Sequence[Capture]) -> None:
        """`strands` are at most MOST_STRANDS."""
        self.name = strands[0].name
        self.size = sum(strand.size for strand in strands)
        self.done = 0
        self.compiled = any(strand.compiled for strand in strands)
        self.interfaces: list[Interface] = []
        self.account = Account(format=strands[0].account.format)
        self._captures = strands
        self._latest_ns = -1

    def again(self) -> "WovenCapture":
        """Return the same capture to be read once more; raises Unreadable when a file of it is gone."""
        return WovenCapture([capture.again() for capture in self._captures])

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches in order of time; the account is complete afterwards."""
        places = Places([(capture.name, capture.account) for capture in self._captures])
        self.account.weave = places
        buffers = _Buffers()
        strands = [
            _Strand(number, capture, self.interfaces)
            for number, capture in enumerate(self._captures)
        ]
        number, base = 1, 0
        while coming := self._coming(strands):
            # What its next batch begins with may have the same time, and goes before earlier files'.
            soonest = min(reversed(coming), key=lambda strand: strand.last_ns)
            taken: list[_Taken] = []
            length = 0
            for strand in reversed(coming):
                until = soonest.last_ns - (strand.number < soonest.number)
                taken.append(strand.take(until, length))
                length += len(taken[-1].data)
            data = np.concatenate([each.data for each in taken], out=buffers.next(length))
            times = np.concatenate([each.times for each in taken])
            order = np.argsort(times, kind="stable")
            records = np.concatenate([each.records for each in taken])[order]
            owner = np.repeat([each.strand for each in taken], [len(each.times) for each in taken])
            shares = {each.strand: each.share for each in taken}
            places.add(Stretch(number, base, owner[order].astype(np.uint8), shares))
            self._gap(times[order], number)
            yield Batch(data, records, base, number)
            number += len(records)
            base += length
        self._sum(places)

    def _coming(self, strands: "Sequence[_Strand]") -> "list[_Strand]":
        """Return the strands that have packets left."""
        for capture in self._captures:
            capture.compiled = self.compiled
        coming = [strand for strand in strands if strand.has_more()]
        self.done = sum(capture.done for capture in self._captures)
        return coming

    def _gap(self, times: NDArray[np.int64], number: int) -> None:
        """Account for the time between packets; `times` ascend."""
        before = times[0] if self._latest_ns < 0 else self._latest_ns
        steps = np.diff(times, prepend=before)
        longest = int(steps.argmax())
        if steps[longest] > self.account.gap_ns:
            self.account.gap_ns = int(steps[longest])
            self.account.gap_frame = number + longest
        self._latest_ns = int(times[-1])

    def _sum(self, places: "Places") -> None:
        """Complete the account from those of the strands."""
        account = self.account
        for strand, capture in enumerate(self._captures):
            own = capture.account
            account.add(own)
            if account.backwards_frame < 0 <= own.backwards_frame:
                account.backwards_frame = places.whole(strand, own.backwards_frame)
            account.problems += [
                Problem(each.what, each.position, places.whole(strand, each.frame))
                for each in own.problems
            ]
            for part in own.parts or [Part(capture.name, 0, 0, own.sha256)]:
                first = places.whole(strand, part.frames + 1)
                account.parts.append(Part(part.name, max(first - 1, 0), 0, part.sha256))


@dataclass(frozen=True)
class Share:
    """What one strand gave to a stretch."""

    first_number: int
    """Number in the strand of its first frame."""
    count: int
    position: int
    """Where in the strand its bytes begin."""
    offset: int
    """Where in the stretch they do."""
    length: int


@dataclass(frozen=True)
class Stretch:
    """Packets that follow each other in the whole."""

    number: int
    """That of the first frame."""
    base: int
    """Position of the first byte."""
    owner: NDArray[np.uint8]
    """The strand of each frame."""
    shares: dict[int, Share]
    """By strand."""


class Places:
    """Which frame of a woven capture is which of its strands; implements the room's Weave."""

    def __init__(self, strands: Sequence[tuple[str, Account]]) -> None:
        """`strands` are the name and the account of each."""
        self._strands = strands
        self._stretches: list[Stretch] = []

    def add(self, stretch: Stretch) -> None:
        """Add what comes next."""
        self._stretches.append(stretch)

    def place(self, frame: int) -> tuple[str, int]:
        """Return the file that has a frame, and the frame's number there."""
        at = bisect(self._stretches, frame, key=lambda stretch: stretch.number) - 1
        stretch = self._stretches[at]
        before = frame - stretch.number
        strand = int(stretch.owner[before])
        rank = int(np.count_nonzero(stretch.owner[:before] == strand))
        name, account = self._strands[strand]
        return account.place(name, stretch.shares[strand].first_number + rank)

    def whole(self, strand: int, frame: int) -> int:
        """Return the number in the whole of a strand's frame, or of the last before it; 0: there is none."""
        for stretch in reversed(self._stretches):
            share = stretch.shares.get(strand)
            if share and share.count and share.first_number <= frame:
                rank = min(frame - share.first_number, share.count - 1)
                return stretch.number + int(np.flatnonzero(stretch.owner == strand)[rank])
        return 0

    def located(self, positions: Iterable[int]) -> dict[str, dict[int, int]]:
        """Return for each file the positions that lie in it, and the one in the whole for each."""
        of_strand: dict[int, dict[int, int]] = {}
        for position in positions:
            at = bisect(self._stretches, position, key=lambda stretch: stretch.base) - 1
            stretch = self._stretches[at]
            inside = position - stretch.base
            for strand, share in stretch.shares.items():
                if share.offset <= inside < share.offset + share.length:
                    own = share.position + inside - share.offset
                    of_strand.setdefault(strand, {})[own] = position
        found: dict[str, dict[int, int]] = {}
        for strand, wholes in of_strand.items():
            name, account = self._strands[strand]
            for file, inner in account.located(name, wholes).items():
                mine = found.setdefault(file, {})
                mine.update((at, wholes[there]) for at, there in inner.items())
        return found


@dataclass(frozen=True)
class _Taken:
    """The packets of one strand up to some time."""

    strand: int
    share: Share
    data: NDArray[np.uint8]
    records: NDArray[Any]
    """`at` is where they lie in the stretch."""
    times: NDArray[np.int64]
    """Ascending."""


class _Strand:
    """One of the captures, batch after batch."""

    def __init__(self, number: int, capture: Capture, interfaces: list[Interface]) -> None:
        """`interfaces` are those of the whole; this one's are added as they become known."""
        self.number = number
        self._capture = capture
        self._batches = iter(capture)
        self._interfaces = interfaces
        self._interface = np.zeros(0, np.int64)
        self._latest_ns = -1
        self._batch: Batch | None = None
        self._times = np.zeros(0, np.int64)
        self._at = 0

    @property
    def last_ns(self) -> int:
        """The latest time in the packets that are there."""
        return int(self._times[-1])

    def has_more(self) -> bool:
        """Tell whether packets are left, and have some of them there."""
        while self._at >= len(self._times):
            self._batch = next(self._batches, None)
            if self._batch is None:
                return False
            # Packets stay behind those that their file has before them.
            times = np.maximum.accumulate(self._batch.records["time_ns"])
            self._times, self._at = np.maximum(times, self._latest_ns), 0
            self._latest_ns = int(self._times[-1])
            self._count_interfaces()
        return True

    def take(self, until_ns: int, offset: int) -> _Taken:
        """Return the packets up to a time, that included; `offset`: where in the stretch they shall lie."""
        batch = self._batch
        assert batch is not None
        begin, end = self._at, int(np.searchsorted(self._times, until_ns, "right"))
        self._at = end
        records = batch.records[begin:end].copy()
        first = int(records["at"].min(initial=len(batch.data)))
        last = int((records["at"] + records["captured"]).max(initial=first))
        records["at"] += offset - first
        records["interface"] = self._interface[records["interface"]]
        share = Share(
            first_number=batch.first_number + begin,
            count=end - begin,
            position=batch.base + first,
            offset=offset,
            length=last - first,
        )
        return _Taken(self.number, share, batch.data[first:last], records, self._times[begin:end])

    def _count_interfaces(self) -> None:
        """Give each new interface a number in the whole: two files' are different ones, however alike."""
        new = self._capture.interfaces[len(self._interface) :]
        numbers = np.arange(len(self._interfaces), len(self._interfaces) + len(new))
        self._interfaces += new
        self._interface = np.concatenate([self._interface, numbers])


class _Buffers:
    """Buffers that are used in turn: a batch is valid until the next but one is asked for."""

    def __init__(self) -> None:
        self._buffers = [np.empty(0, np.uint8) for _ in range(BUFFERS)]
        self._turn = 0

    def next(self, length: int) -> NDArray[np.uint8]:
        self._turn = (self._turn + 1) % BUFFERS
        if len(self._buffers[self._turn]) < length:
            self._buffers[self._turn] = np.empty(2 * length, np.uint8)
        return self._buffers[self._turn][:length]
