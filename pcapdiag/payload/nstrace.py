"""What a NetScaler tells of each frame in its trace: NIC, connection and the connection linked to it.

Source: the layouts in :mod:`pcapdiag.read.nstrace_records`; Wireshark 4.0 names the fields (nstrace).
A protocol control block (PCB) is the NetScaler's number of one connection; the linked one is that of the
other leg, from the moment when there is one.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from numpy.typing import NDArray

from pcapdiag.flows.result import CaptureFacts
from pcapdiag.read import packets_at
from pcapdiag.read.nstrace import LINK_TYPES
from pcapdiag.read.nstrace_records import NAMES, NAMES_CUT, NAMES_LARGE, header_length

OPERATIONS: Final = ("tx", "txb", "rx", "new-rx")
"""Sent, in the transmit buffer, received, received behind the NIC's pipeline."""
RECEIVED: Final = 2
"""This operation and the next."""
MOST: Final = 1024
"""Octets in which headers and names are looked for."""

ERROR, FOLLOWING, RECORDS = 28, 34, 35
"""Of version 3.5: the error, the type of what follows the header, and where that begins."""
MACHINES, CLUSTER = 0x84, 0x85
FIRST_RECORD, LAST_RECORD = 0x80, 0xFF
MOST_RECORDS: Final = 16


@dataclass(frozen=True)
class Place:
    """What one record tells; -1 and "": its version does not."""

    operation: str
    """One of OPERATIONS."""
    nic: int
    pcb: int = -1
    """0: the frame belongs to no connection."""
    linked_pcb: int = -1
    """0: there is no other leg yet."""
    vlan: int = -1
    core: int = -1
    source_node: int = -1
    destination_node: int = -1
    cluster_flags: int = -1
    source_machine: str = ""
    """Name of a virtual machine; text from the wire."""
    destination_machine: str = ""
    error: int = -1
    """Why the frame was dropped; 0: it was not."""

    @property
    def is_received(self) -> bool:
        """Whether the NetScaler received the frame."""
        return OPERATIONS.index(self.operation) >= RECEIVED


def is_trace(link_type: int) -> bool:
    """Tell whether frames of a link type have a NetScaler's header."""
    return link_type > LINK_TYPES


def places(capture: CaptureFacts, positions: NDArray[Any]) -> list[Place | None]:
    """Return what is told of frames by position; None: the header is not there any more.

    The capture is a NetScaler trace.
    """
    found = packets_at(capture.name, positions.tolist(), MOST, capture.account)
    release = capture.interfaces[0].link_type - LINK_TYPES
    return [place_of(release, found.get(at, b"")) for at in positions.tolist()]


def place_of(release: int, record: bytes) -> Place | None:
    """Read a record's header; None: it is cut."""
    kind = int.from_bytes(record[: 2 if release == 10 else 1], "little")
    header = header_length(release, kind)
    if not 0 < header <= len(record):
        return None
    operation = OPERATIONS[kind & 3]
    if release == 10:
        return Place(operation, record[4])
    place = Place(operation, record[3])
    if release >= 30:
        place = _linked(place, record, 12, vlan=22, core=24)
        if kind & 4:
            return _with_records(replace(place, error=record[ERROR]), record)
        return _named(_in_cluster(place, record, 26), record, NAMES_LARGE, header)
    revision = kind & 0xF8
    cut = 4 if kind & 4 else 0
    if revision == 0xC0:
        return place
    if revision in (0xD0, 0xE0):
        return _linked(place, record, 8 + cut, vlan=16 + cut if revision == 0xE0 else -1)
    place = _linked(place, record, 12 + cut, vlan=20 + cut, core=22 + cut)
    if revision != 0xF0:
        place = _in_cluster(place, record, 24 + cut)
    if revision in (0xA0, 0xB0):
        place = _named(place, record, NAMES_CUT if cut else NAMES, header)
    return place


def _linked(place: Place, record: bytes, at: int, vlan: int, core: int = -1) -> Place:
    return replace(
        place,
        pcb=_number(record, at, 4),
        linked_pcb=_number(record, at + 4, 4),
        vlan=_number(record, vlan, 2),
        core=_number(record, core, 2),
    )


def _in_cluster(place: Place, record: bytes, at: int) -> Place:
    return replace(
        place,
        source_node=_number(record, at, 2),
        destination_node=_number(record, at + 2, 2),
        cluster_flags=record[at + 4],
    )


def _named(place: Place, record: bytes, lengths: int, at: int) -> Place:
    middle = at + record[lengths]
    return replace(
        place,
        source_machine=_text(record[at:middle]),
        destination_machine=_text(record[middle : middle + record[lengths + 1]]),
    )


def _with_records(place: Place, record: bytes) -> Place:
    """Read the records that follow a header of version 3.5, as far as they are whole."""
    kind, at = record[FOLLOWING], RECORDS
    for _ in range(MOST_RECORDS):
        size = _number(record, at, 2)
        if not FIRST_RECORD <= kind < LAST_RECORD or size < 3 or at + size > len(record):
            break
        value = record[: at + size]
        if kind == MACHINES and size >= 5:
            place = _named(place, value, at + 3, at + 5)
        elif kind == CLUSTER and size >= 8:
            place = _in_cluster(place, value, at + 3)
        kind = record[at + 2]
        at += size
    return place


def _number(record: bytes, at: int, size: int) -> int:
    return int.from_bytes(record[at : at + size], "little") if at >= 0 else -1


def _text(octets: bytes) -> str:
    return octets.split(b"\0")[0].decode("utf-8", "replace")
