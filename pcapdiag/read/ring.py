"""One capture kept in several files: ring buffers and files begun anew by size or time.

Names as dumpcap -b (wireshark.org, dumpcap manual), tcpdump -C, -W and -G (tcpdump manual) and a
NetScaler (start nstrace -nf) make them.
Files are one capture when their names differ in the running part only, their interfaces are the same
and each begins when the one before is over: two captures of one network overlap.
"""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from os.path import basename, dirname, isdir, join
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pcapdiag.read.capture import OpenedCapture, open_capture
from pcapdiag.read.model import Account, Batch, Capture, Interface, Part, Unreadable
from pcapdiag.read.source import is_capture

RUNNING: Final = (
    (re.compile(r"_(\d{5,}_\d{14}|\d{14}_\d{5,})(?=\.|$)"), "_#"),  # dumpcap -b
    (re.compile(r"\d{4}([-_.]?)\d\d\1\d\d[-_.T ]?\d\d([-_.:]?)\d\d(\2\d\d)?"), "#"),  # -G, a date
    (re.compile(r"(?<!\d)1\d{9}(?!\d)"), "#"),  # tcpdump -G, seconds since 1970
    (re.compile(r"(?<=nstrace)\d+(?=\.|$)"), "#"),  # start nstrace -nf
    (re.compile(r"(\.(?:pcap|pcapng|cap|dmp|dump|trc))\d+(?=\.|$)"), r"\1"),  # tcpdump -C
)
"""What runs on from file to file in their names, and what stands for it."""

TOLERANCE_NS: Final = 1_000_000
"""Several queues write packets a little out of order, also where one file follows another."""

MOST_PARTS: Final = 10_000


def open_captures(names: Sequence[str]) -> tuple[list[Capture], list[tuple[str, str]]]:
    """Return the captures in the files, those kept in several put together, and what is unreadable.

    The captures are in the order in which the first of their files was named.  The second list has
    name and reason of each file that cannot be opened.
    """
    opened, failed = dict[str, OpenedCapture](), list[tuple[str, str]]()
    for given in dict.fromkeys(names):
        for name in _files(given):
            try:
                opened[name] = open_capture(name)
            except Unreadable as error:
                failed.append((name, error.reason))
    found = dict[str, Capture]()
    for candidates in _alike(list(opened)):
        for series in _in_turn([opened[name] for name in candidates]):
            whole = series[0] if len(series) == 1 else RingCapture(series)
            first = min((part.name for part in series), key=list(opened).index)
            found[first] = whole
    return [found[name] for name in opened if name in found], failed


def _files(name: str) -> list[str]:
    """Return the captures in a folder that can only be one ring buffer's, else the name itself."""
    if not isdir(name):
        return [name]
    try:
        inside = sorted(join(name, each) for each in os.listdir(name))
    except OSError:  # forbidden: opening it says so
        return [name]
    captures = [each for each in inside if is_capture(each)]
    return captures if captures and len(_alike(captures)) == 1 else [name]


def _alike(names: Sequence[str]) -> list[list[str]]:
    """Return the names in groups that differ in the running part of a ring buffer's files only."""
    groups = defaultdict[str, list[str]](list)
    for name in names:
        groups[_stem(name)].append(name)
    return list(groups.values())


def _stem(name: str) -> str:
    file = basename(name)
    for running, instead in RUNNING:
        file = running.sub(instead, file, count=1)
    return join(dirname(name), file)


def _in_turn(captures: list[OpenedCapture]) -> Iterator[list[OpenedCapture]]:
    """Yield the captures that follow each other together; all alone when any two overlap."""
    if 1 < len(captures) <= MOST_PARTS:
        skims = sorted((_Skim(capture) for capture in captures), key=lambda skim: skim.first_ns)
        if _follow(skims):
            yield [skim.capture for skim in skims]
            return
    yield from ([capture] for capture in captures)


class _Skim:
    """What must be known of a file to see whether it continues another."""

    def __init__(self, capture: OpenedCapture) -> None:
        self.capture = capture
        self.first_ns = -1
        """Time of the first packets; -1: it has none."""
        begin = open_capture(capture.name)
        for batch in begin:
            self.first_ns = int(batch.records["time_ns"].min())
            break
        self.wires = [(each.link_type, each.name) for each in begin.interfaces]
        """Link type and name of each interface that is known by then."""

    def ends_before(self, time_ns: int) -> bool:
        """Tell whether no packet is later; reads up to the first that is."""
        batches = open_capture(self.capture.name, self.capture.compiled)
        return all(int(batch.records["time_ns"].max()) <= time_ns for batch in batches)


def _follow(skims: list[_Skim]) -> bool:
    if any(each.first_ns < 0 or each.wires != skims[0].wires for each in skims):
        return False
    return all(a.ends_before(b.first_ns + TOLERANCE_NS) for a, b in pairwise(skims))


def in_turn(captures: Sequence[Capture]) -> Capture:
    """Return captures that follow each other as one, to be read anew; raises Unreadable when one is gone."""
    parts: list[OpenedCapture] = []
    for capture in captures:
        parts += capture.parts if isinstance(capture, RingCapture) else [open_capture(capture.name)]
    return RingCapture([part.again() for part in parts])


class RingCapture:
    """Several files that are read as one capture; implements the room's Capture.

    Frame numbers run on from file to file, as in a file that ``mergecap -a`` makes of them;
    `Account.parts` tells which file has a frame, and under which number.
    """

    def __init__(self, parts: Sequence[OpenedCapture]) -> None:
        """`parts` in order of their time."""
        self.name = parts[0].name
        self.size = sum(part.size for part in parts)
        self.done = 0
        self.compiled = any(part.compiled for part in parts)
        self.interfaces: list[Interface] = []
        self.account = Account(format=parts[0].account.format)
        self.parts: Final = parts

    def again(self) -> "RingCapture":
        """Return the same capture to be read once more; raises Unreadable when a file of it is gone."""
        return RingCapture([part.again() for part in self.parts])

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches in order of time; the account is complete afterwards."""
        frames = base = done = 0
        for part in self.parts:
            part.compiled = self.compiled
            wires = _Wires(self.interfaces)
            for batch in part:
                self.done = done + part.done
                records = batch.records
                records["interface"] = wires.numbers(part.interfaces)[records["interface"]]
                yield Batch(batch.data, records, base + batch.base, frames + batch.first_number)
                part.compiled = self.compiled
            self.account.take(part.account, Part(part.name, frames, base, part.account.sha256))
            frames += part.frames
            base += part.length
            done += part.size
        self.done = done


class _Wires:
    """Interfaces of one part among those of the whole; adds those not known yet."""

    def __init__(self, whole: list[Interface]) -> None:
        self._whole = whole
        self._seen = Counter[Interface]()
        self._numbers = np.zeros(0, np.int64)

    def numbers(self, interfaces: Sequence[Interface]) -> NDArray[np.int64]:
        """Return the number in the whole of each interface of the part."""
        new = []
        for interface in interfaces[len(self._numbers) :]:
            # Two interfaces of a file may be described alike: the n-th is the n-th of the whole.
            alike = [n for n, each in enumerate(self._whole) if each == interface]
            earlier = self._seen[interface]
            self._seen[interface] += 1
            if earlier == len(alike):
                alike.append(len(self._whole))
                self._whole.append(interface)
            new.append(alike[earlier])
        if new:
            self._numbers = np.concatenate([self._numbers, np.array(new, np.int64)])
        return self._numbers
