"""Drives the kernel over the captures and gives back the tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pcapdiag.compiled import compiled, is_cached
from pcapdiag.flows import state
from pcapdiag.flows.events import EVENT, ICMP, NEIGHBOR
from pcapdiag.flows.finish import finish
from pcapdiag.flows.index import rebuild
from pcapdiag.flows.kernel import EVENTS_AHEAD, FLOWS_AHEAD, SEGMENTS_AHEAD, walk
from pcapdiag.flows.result import CaptureFacts, Traffic
from pcapdiag.flows.state import SEGMENT, SIGHTING, SIGHTINGS, STATE, Tables
from pcapdiag.flows.table import EMPTY, FLOW
from pcapdiag.layers import reasons
from pcapdiag.layers.packet import PACKET, plain_packet
from pcapdiag.read import Batch, Capture

Progress = Callable[[str, int, int], None]
"""Told what is being done, and how much of how much (bytes; 0 of 0: not known)."""

FIRST_FLOWS: Final = 256
FIRST_SLOTS: Final = 1024
COMPILE_PACKETS: Final = 40_000
"""From here on compiling (seconds) is sooner done than running uncompiled."""
CACHED_PACKETS: Final = 4_000
"""The same when the compiled code only has to be loaded."""


def read_traffic(
    captures: Sequence[Capture], compiled: bool | None = None, progress: Progress | None = None
) -> Traffic:
    """Read all captures once; each file has its own flows.

    `compiled` None begins uncompiled and changes over when that is sooner done.
    """
    walker = Walker(compiled, progress)
    facts = []
    for file, capture in enumerate(captures):
        walker.begin_file()
        for batch in capture:
            link_types = [interface.link_type for interface in capture.interfaces]
            walker.take(batch, file, np.array(link_types, dtype=np.int64))
        undecoded = walker.end_file()
        facts.append(
            CaptureFacts(capture.name, capture.account, tuple(capture.interfaces), undecoded)
        )
    return finish(walker.tables, tuple(facts))


def new_tables() -> Tables:
    """Return empty tables with a little room."""
    used = np.zeros(state.USED, np.int64)
    used[state.FREE_SEGMENT] = -1
    sightings = np.zeros(SIGHTINGS, SIGHTING)
    sightings["record"] = -1
    return Tables(
        flows=_grown(np.empty(0, FLOW), FIRST_FLOWS, EMPTY),
        states=_grown(np.empty(0, STATE), FIRST_FLOWS, state.EMPTY),
        slots=np.full(FIRST_SLOTS, -1, np.int32),
        events=np.zeros(FIRST_FLOWS * 4, EVENT),
        neighbors=np.zeros(FIRST_FLOWS, NEIGHBOR),
        icmp=np.zeros(FIRST_FLOWS, ICMP),
        segments=np.zeros(SEGMENTS_AHEAD * 2, SEGMENT),
        sightings=sightings,
        undecoded=np.zeros(reasons.COUNT, np.int64),
        used=used,
    )


def _grown(array: NDArray[Any], size: int, fill: Any = None) -> NDArray[Any]:
    """Return a longer copy; the new entries are zero, or all equal `fill`."""
    longer = np.zeros(size, array.dtype)
    longer[: len(array)] = array
    if fill is not None:
        longer[len(array) :] = fill
    return longer


@dataclass
class Walker:
    """The tables and the way the kernel runs on them; both change as packets come."""

    wish: bool | None
    progress: Progress | None

    def __post_init__(self) -> None:
        self.tables = new_tables()
        self.packets = 0
        self.is_compiled = False
        self.cached: bool | None = None

    def begin_file(self) -> None:
        """Forget the end points of the file before: each file has its own flows."""
        used = self.tables.used
        used[state.STREAMS] = 0
        used[state.FILE_START] = used[state.FLOWS]
        self.tables.slots[:] = -1
        self.tables.sightings["record"] = -1
        self.tables.undecoded[:] = 0

    def end_file(self) -> dict[str, int]:
        """Return the reasons of this file's packets that were not reached, most frequent first."""
        counts = self.tables.undecoded
        found = np.flatnonzero(counts)
        order = sorted((-int(counts[reason]), reasons.words(int(reason))) for reason in found)
        return {word: -count for count, word in order}

    def take(self, batch: Batch, file: int, link_types: NDArray[Any]) -> None:
        """Run the kernel over a batch, giving the tables more room when it asks."""
        records = batch.records
        self.choose(len(records))
        run: Callable[..., int] = compiled(walk) if self.is_compiled else walk
        data = batch.data if self.is_compiled else batch.data.data
        scratch = np.zeros(1, PACKET) if self.is_compiled else [plain_packet()]
        done = 0
        while True:
            done = run(
                data, records, done, file, batch.first_number, batch.base, link_types,
                self.tables, scratch,
            )  # fmt: skip
            if done >= len(records):
                break
            self.make_room()
        self.packets += len(records)

    def choose(self, coming: int) -> None:
        """Decide whether this batch runs compiled."""
        if self.wish is not None:
            self.is_compiled = self.wish
        if self.is_compiled or self.wish is False:
            return
        if self.cached is None:
            self.cached = is_cached()
        expected = self.packets + coming
        self.is_compiled = expected >= (CACHED_PACKETS if self.cached else COMPILE_PACKETS)
        if self.is_compiled and not self.cached and self.progress is not None:
            self.progress("Compiling for this machine (once)", 0, 0)

    def make_room(self) -> None:
        """Double every table that is short."""
        tables = self.tables
        used = tables.used
        if used[state.FLOWS] + FLOWS_AHEAD > len(tables.flows):
            size = 2 * len(tables.flows)
            tables = tables._replace(
                flows=_grown(tables.flows, size, EMPTY),
                states=_grown(tables.states, size, state.EMPTY),
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
        self.tables = tables
