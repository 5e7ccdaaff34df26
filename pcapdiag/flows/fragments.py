"""IP fragments: put together as far as the kernel needs to count what they carry.

Source: RFC 791 3.2, RFC 8200 4.5; which datagram is complete, and whose octets win where fragments
overlap, is as in Wireshark 4.0: the fragment with the lower offset, of equal ones the first.  Only
the beginning of a datagram is kept, which holds its headers.
"""

from typing import Any, Final

from pcapdiag.compiled import kernel
from pcapdiag.flows.index import START, mix
from pcapdiag.flows.state import DATAGRAM_HEAD, DATAGRAMS, MOST_SPANS, UNIT, Tables
from pcapdiag.layers.octets import Octets, u8
from pcapdiag.layers.packet import Packet, uncommon

WAYS: Final = 4
"""Datagrams whose keys fall together; the one begun first makes room."""
PATIENCE_NS: Final = 60_000_000_000
"""Later fragments belong to another datagram (RFC 8200 4.5).  Wireshark waits for ever."""


@uncommon(False)
def join(tables: Tables, octets: Octets, packet: Packet) -> bool:
    """Take in a fragment whose octets `octets` holds; tell whether it completes its datagram.

    When it completes a datagram, the packet's ``at``, ``end`` and ``wire_end`` lie in the datagram
    as :attr:`Tables.heads` holds it.
    """
    entry = entry_of(tables, packet)
    datagram = tables.datagrams[entry]
    at = int(packet["at"])
    size = int(packet["wire_end"]) - at
    offset = int(packet["fragment_offset"])
    datagram["frames"] += packet["frames"]
    if not packet["more_fragments"] and datagram["length"] < 0:
        datagram["length"] = offset + size
    keep_head(tables, entry, octets, at, offset, min(size, DATAGRAM_HEAD - offset))
    if not widen(datagram, offset, offset + size):
        datagram["in_use"] = 0
        return False
    if not is_complete(datagram):
        return False
    datagram["in_use"] = 0
    length = int(datagram["length"])
    packet["at"] = entry * DATAGRAM_HEAD
    packet["end"] = entry * DATAGRAM_HEAD + min(length, DATAGRAM_HEAD)
    packet["wire_end"] = entry * DATAGRAM_HEAD + length
    packet["more_fragments"] = 0
    packet["frames"] = datagram["frames"]
    packet["overlap"] = max(int(packet["overlap"]), int(datagram["overlap"]))
    return True


@kernel
def entry_of(tables: Tables, packet: Packet) -> int:
    """Return the entry of a fragment's datagram, begun anew when it is not known."""
    source = packet["source"]
    destination = packet["destination"]
    digest = mix(mix(START, packet["fragment_id"]), packet["protocol"])
    for word in range(4):
        digest = mix(mix(digest, source[word]), destination[word])
    first = digest % (DATAGRAMS // WAYS) * WAYS
    oldest = first
    for entry in range(first, first + WAYS):
        datagram = tables.datagrams[entry]
        if not datagram["in_use"]:
            if tables.datagrams[oldest]["in_use"]:
                oldest = entry
        elif belongs(datagram, packet):
            late = int(packet["time_ns"]) - int(datagram["begun_ns"])
            if late <= PATIENCE_NS:
                return entry
            oldest = entry
            break
        elif (
            tables.datagrams[oldest]["in_use"]
            and datagram["begun_ns"] < tables.datagrams[oldest]["begun_ns"]
        ):
            oldest = entry
    begin(tables.datagrams[oldest], packet)
    return oldest


@kernel
def belongs(datagram: Any, packet: Packet) -> bool:
    """Tell whether a fragment is of a datagram."""
    if (
        datagram["id"] != packet["fragment_id"]
        or datagram["protocol"] != packet["protocol"]
        or datagram["vlan"] != packet["vlan"]
        or datagram["ip_version"] != packet["ip_version"]
    ):
        return False
    for word in range(4):
        if (
            datagram["source"][word] != packet["source"][word]
            or datagram["destination"][word] != packet["destination"][word]
        ):
            return False
    return True


@kernel
def begin(datagram: Any, packet: Packet) -> None:
    """Begin a datagram that has no fragment yet."""
    datagram["in_use"] = 1
    datagram["id"] = packet["fragment_id"]
    datagram["protocol"] = packet["protocol"]
    datagram["vlan"] = packet["vlan"]
    datagram["ip_version"] = packet["ip_version"]
    for word in range(4):
        datagram["source"][word] = packet["source"][word]
        datagram["destination"][word] = packet["destination"][word]
    datagram["begun_ns"] = packet["time_ns"]
    datagram["length"] = -1
    datagram["frames"] = 0
    datagram["overlap"] = 0
    datagram["spans"] = 0
    for unit in range(DATAGRAM_HEAD // UNIT):
        datagram["owner"][unit] = DATAGRAM_HEAD


@kernel
def widen(datagram: Any, start: int, stop: int) -> bool:
    """Add a range to what is there of a datagram; False: in more pieces than are kept."""
    kept = 0
    for span in range(int(datagram["spans"])):
        other_start = int(datagram["start"][span])
        other_stop = int(datagram["stop"][span])
        if stop < other_start or other_stop < start:
            datagram["start"][kept] = other_start
            datagram["stop"][kept] = other_stop
            kept += 1
            continue
        if start < other_stop and other_start < stop:
            datagram["overlap"] = 1
        start = min(start, other_start)
        stop = max(stop, other_stop)
    if kept >= MOST_SPANS:
        return False
    datagram["start"][kept] = start
    datagram["stop"][kept] = stop
    datagram["spans"] = kept + 1
    return True


@kernel
def is_complete(datagram: Any) -> bool:
    """Tell whether everything up to the end of the first last fragment is there."""
    length = int(datagram["length"])
    if length < 0:
        return False
    for span in range(int(datagram["spans"])):
        if datagram["start"][span] == 0 and datagram["stop"][span] >= length:
            return True
    return False


@kernel
def keep_head(tables: Tables, entry: int, octets: Octets, at: int, offset: int, size: int) -> None:
    """Keep what a fragment has of its datagram's beginning."""
    datagram = tables.datagrams[entry]
    base = entry * DATAGRAM_HEAD + offset
    owns = 0
    for place in range(size):
        if place % UNIT == 0:
            unit = (offset + place) // UNIT
            owns = 1 if offset < datagram["owner"][unit] else 0
            if owns:
                datagram["owner"][unit] = offset
        if owns:
            tables.heads[base + place] = u8(octets, at + place)
