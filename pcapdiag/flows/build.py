"""Drives the kernel over the captures and gives back the tables."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from os import urandom
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from pcapdiag.compiled import Making, add_wait, compiled, is_kept, making_of, waited_s
from pcapdiag.flows import state
from pcapdiag.flows.events import CLAIM, EVENT, ICMP, NEIGHBOR
from pcapdiag.flows.finish import finish
from pcapdiag.flows.index import rebuild
from pcapdiag.flows.kernel import (
    EVENTS_AHEAD,
    FLOWS_AHEAD,
    SEGMENTS_AHEAD,
    has_room,
    walk,
)
from pcapdiag.flows.result import CaptureFacts, Traffic
from pcapdiag.flows.state import SEGMENT, SIGHTING, SIGHTINGS, STATE, Tables
from pcapdiag.flows.table import EMPTY, FLOW
from pcapdiag.layers import reasons
from pcapdiag.layers.packet import COMMON, PACKET, plain_packet
from pcapdiag.read import RECORD, Batch, Capture, ahead

_Answer = TypeVar("_Answer")

Progress = Callable[[str, int, int], None]
"""Told what is being done, and how much of how much (bytes; 0 of 0: not known)."""

READING: Final = "Reading"
COMPILING: Final = "Compiling for this machine, once"

FIRST_FLOWS: Final = 1 << 16
"""Records there is room for at first: memory that no flow touches is only an address."""
FIRST_SLOTS: Final = 4 * FIRST_FLOWS
PLAIN_NS: Final = 140_000
"""A packet takes about this long uncompiled, less than a microsecond compiled."""
COMPILE_NS: Final = 30_000_000_000
"""So long a wait without compiled code, of this run and those before, is worth compiling, which takes
that and more, but only once for a version of the program."""
FOREVER_NS: Final = 1 << 62
"""Longer than any run."""
SHORT_NS: Final = 1_000_000_000
"""A wait that nobody minds: it is not added to those of other runs."""
ASK_AFTER: Final = 7_000
"""Packets, a second of them uncompiled."""
LOAD_NS: Final = 150_000_000
"""Loading code that was compiled before takes about this long."""
MOST_SHARE: Final = 0.1
"""Of packets that the kernel for common ones puts off: with more of them the whole kernel is needed."""
MOST_PUT_OFF: Final = 100_000
"""After so many it is needed too."""
FEW: Final = 1_000
"""So many packets say nothing of their share yet."""
PACKET_BYTES: Final = 1_000
"""Of a file, when nothing is known of it yet; big captures hold big packets."""


def read_traffic(
    captures: Sequence[Capture], compiled: bool | None = None, progress: Progress | None = None
) -> Traffic:
    """Read all captures once; each file has its own flows.

    `compiled` None begins uncompiled and changes over when that is sooner done.
    """
    walker = Walker(compiled, progress, sum(capture.size for capture in captures))
    facts = []
    before = 0
    for file, capture in enumerate(captures):
        walker.begin_file()
        batches: Iterable[Batch] = capture
        if walker.choose(0):
            capture.compiled = True
            batches = ahead(capture)
        link_types = np.zeros(0, np.int64)
        for batch in batches:
            # There may be a hundred thousand interfaces, and a batch after each.
            new = [each.link_type for each in capture.interfaces[len(link_types) :]]
            if new:
                link_types = np.concatenate([link_types, np.array(new, np.int64)])
            walker.take(batch, file, link_types)
            if progress is not None:
                progress(READING, before + capture.done, walker.coming_bytes)
        before += capture.size
        undecoded = walker.end_file()
        facts.append(
            CaptureFacts(capture.name, capture.account, tuple(capture.interfaces), undecoded)
        )
    walker.remember_wait()
    return finish(walker.tables, tuple(facts))


def new_tables() -> Tables:
    """Return empty tables with a little room."""
    used = np.zeros(state.USED, np.int64)
    used[state.FREE_SEGMENT] = -1
    used[state.SECRET] = int.from_bytes(urandom(4)) >> 1
    sightings = np.zeros(SIGHTINGS, SIGHTING)
    sightings["record"] = -1
    heads = np.zeros(state.DATAGRAMS * state.DATAGRAM_HEAD, np.uint8)
    heads_read = heads.view()
    heads_read.flags.writeable = False
    return Tables(
        flows=np.empty(FIRST_FLOWS, FLOW),
        states=np.empty(FIRST_FLOWS, STATE),
        empty_flow=EMPTY,
        empty_state=state.EMPTY,
        slots=np.full(FIRST_SLOTS, -1, np.int32),
        events=np.empty(FIRST_FLOWS * 16, EVENT),
        neighbors=np.empty(FIRST_FLOWS, NEIGHBOR),
        icmp=np.empty(FIRST_FLOWS, ICMP),
        claims=np.empty(FIRST_FLOWS, CLAIM),
        segments=np.empty(SEGMENTS_AHEAD * 2, SEGMENT),
        sightings=sightings,
        datagrams=np.zeros(state.DATAGRAMS, state.DATAGRAM),
        heads=heads,
        heads_read=heads_read,
        undecoded=np.zeros(reasons.COUNT, np.int64),
        used=used,
    )


def _grown(array: NDArray[Any], size: int) -> NDArray[Any]:
    """Return a longer copy; memory of the new entries is not touched before it is needed."""
    longer = np.empty(size, array.dtype)
    longer[: len(array)] = array
    return longer


@dataclass
class Walker:
    """The tables and the way the kernel runs on them; both change as packets come."""

    wish: bool | None
    progress: Progress | None
    coming_bytes: int

    def __post_init__(self) -> None:
        self.tables = new_tables()
        self.packets = 0
        self.is_compiled = False
        self.kept = False
        """Whether there is machine code, made by an earlier run or, meanwhile, by another."""
        self.ask_at = 0
        """So many packets later that is asked again."""
        self.bearable_ns = FOREVER_NS
        """A longer wait than this calls for compiled code."""
        self.whole = bool(self.wish)
        """Whether the kernel for all packets runs, not that for common ones."""
        self.scratch = np.zeros(1, COMMON), np.zeros(1, PACKET)
        self.put_off = 0
        """Packets that the latter left."""

    def begin_file(self) -> None:
        """Forget the end points of the file before: each file has its own flows."""
        used = self.tables.used
        used[state.STREAMS] = 0
        used[state.FILE_START] = used[state.FLOWS]
        self.tables.slots[:] = -1
        self.tables.sightings["record"] = -1
        self.tables.datagrams["in_use"] = 0
        self.tables.undecoded[:] = 0

    def end_file(self) -> dict[str, int]:
        """Return the reasons of this file's packets that were not reached, most frequent first."""
        counts = self.tables.undecoded
        found = np.flatnonzero(counts)
        order = sorted((-int(counts[reason]), reasons.words(int(reason))) for reason in found)
        return {word: -count for count, word in order}

    def take(self, batch: Batch, file: int, link_types: NDArray[Any]) -> None:
        """Run the kernel over a batch, giving the tables more room when it asks."""
        count = len(batch.records)
        self.choose(count)
        done = 0
        while True:
            done = self.run(batch, done, count, file, link_types)
            if done >= count:
                break
            if not has_room(self.tables):
                self.make_room()
            else:
                self.put_off += 1
                self.run(batch, done, done + 1, file, link_types, plain=True)
                done += 1
        self.packets += count
        often = self.put_off > max(FEW, MOST_SHARE * self.packets)
        self.whole = self.whole or often or self.put_off > MOST_PUT_OFF

    def run(
        self,
        batch: Batch,
        begin: int,
        end: int,
        file: int,
        link_types: NDArray[Any],
        plain: bool = False,
    ) -> int:
        """Run the kernel over packets of a batch; returns where it stopped."""
        run: Callable[..., int]
        data: Any
        scratch: Any
        if self.is_compiled and not plain:
            run, data = compiled(walk), batch.data
            scratch = self.scratch[self.whole]
        else:
            run, data, scratch = walk, batch.data.data, [plain_packet()]
        return run(
            data, batch.records[:end], begin, file, batch.first_number, batch.base, link_types,
            self.tables, scratch,
        )  # fmt: skip

    def choose(self, coming: int) -> bool:
        """Decide whether packets run compiled from here on, when so many are coming at least."""
        if self.wish is not None:
            self.is_compiled = self.wish
        if self.is_compiled or self.wish is False:
            return self.is_compiled
        if not self.kept and self.packets >= self.ask_at:
            self.whole = self.asked(is_kept, PACKET)
            self.kept = self.whole or self.asked(is_kept, COMMON)
            self.ask_at = self.packets + ASK_AFTER
            self.bearable_ns = LOAD_NS if self.kept else self.left_to_wait_ns()
        wait_ns = PLAIN_NS * max(self.packets + coming, self.coming_bytes // PACKET_BYTES)
        self.is_compiled = wait_ns > self.bearable_ns
        if self.is_compiled and not self.kept and self.progress is not None:
            self.progress(COMPILING, 0, 0)
        return self.is_compiled

    def left_to_wait_ns(self) -> int:
        """Return how long this run may take uncompiled, after what others have waited."""
        known = self.asked(making_of, COMMON)
        if known is Making.UNDER_WAY:
            # As in a pool of processes: what one makes, the others use as soon as it is there.
            return FOREVER_NS
        # Whom memory or patience failed before, only a big capture brings to try again.
        before_ns = waited_s(walk) * 1_000_000_000 if known is Making.NONE else 0
        return max(COMPILE_NS - before_ns, SHORT_NS)

    def remember_wait(self) -> None:
        """Add what this run has waited for want of compiled code to what others have."""
        wait_ns = PLAIN_NS * self.packets
        if self.wish is None and not self.kept and not self.is_compiled and wait_ns > SHORT_NS:
            add_wait(walk, wait_ns // 1_000_000_000)

    def asked(self, question: Callable[..., _Answer], scratch: np.dtype[Any]) -> _Answer:
        """Ask about the machine code of the kernel with such a scratch."""
        data, records = np.zeros(1, np.uint8), np.zeros(1, RECORD)
        link_types = np.zeros(1, np.int64)
        return question(
            walk, data, records, 0, 0, 0, 0, link_types, self.tables, np.zeros(1, scratch)
        )

    def make_room(self) -> None:
        """Double every table that is short."""
        tables = self.tables
        used = tables.used
        if used[state.FLOWS] + FLOWS_AHEAD > len(tables.flows):
            size = 2 * len(tables.flows)
            tables = tables._replace(
                flows=_grown(tables.flows, size),
                states=_grown(tables.states, size),
                slots=np.full(4 * size, -1, np.int32),
            )
            fill = compiled(rebuild) if self.is_compiled else rebuild
            fill(tables, int(used[state.FILE_START]))
        if used[state.EVENTS] + EVENTS_AHEAD > len(tables.events):
            tables = tables._replace(events=_grown(tables.events, 2 * len(tables.events)))
        if used[state.SEGMENTS] + SEGMENTS_AHEAD > len(tables.segments):
            tables = tables._replace(segments=_grown(tables.segments, 2 * len(tables.segments)))
        if used[state.NEIGHBORS] >= len(tables.neighbors):
            tables = tables._replace(neighbors=_grown(tables.neighbors, 2 * len(tables.neighbors)))
        if used[state.ICMP] >= len(tables.icmp):
            tables = tables._replace(icmp=_grown(tables.icmp, 2 * len(tables.icmp)))
        if used[state.CLAIMS] >= len(tables.claims):
            tables = tables._replace(claims=_grown(tables.claims, 2 * len(tables.claims)))
        self.tables = tables
