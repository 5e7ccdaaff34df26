"""What a NetScaler puts before each frame of its trace: skipped here, read in payload/nstrace.py.

Source: the layouts in :mod:`pcapdiag.read.nstrace_records`, as Wireshark reads them (nstrace).
"""

from typing import Final

from pcapdiag.compiled import apart
from pcapdiag.layers import packet as layer
from pcapdiag.layers import reasons
from pcapdiag.layers.octets import Octets, u8, u16_little
from pcapdiag.layers.packet import Packet, stop
from pcapdiag.read.nstrace import LINK_TYPES
from pcapdiag.read.nstrace_records import NAMES, NAMES_CUT, NAMES_LARGE, header_length

OFFSET_EARLY, OFFSET = 10, 14
"""Where cut packets tell with which octet of the packet they begin; the first in revisions 20 to 22."""
FOLLOWING: Final = 34
"""Where version 3.5 tells the type of what follows its header: records, then the frame."""
ETHERNET, LAST = 1, 0xFF
NO_RECORDS: Final = 3
"""Types below are data, not records."""
SHORTEST: Final = 3
MOST_RECORDS: Final = 16


@apart
def nstrace(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Skip the header and what stands between it and the frame."""
    version = packet["announced"] - LINK_TYPES
    if at + 4 > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    kind = u16_little(data, at) if version == 10 else u8(data, at)
    header = header_length(version, kind)
    if header == 0 or at + header > end:
        return stop(packet, reasons.LINK_TRUNCATED)
    if version < 30 and kind & 4:
        group = kind & 0xF8
        offset = OFFSET_EARLY if group in (0xC0, 0xD0, 0xE0) else OFFSET
        # What was taken out of the middle of a packet has no headers.
        if u16_little(data, at + offset):
            return stop(packet, reasons.NOT_IP)
    if version >= 30 and kind & 4:
        return behind_records(data, at, end, packet)
    packet["at"] = at + header + names_length(data, at, version, kind)
    return layer.ETHERNET


@apart
def names_length(data: Octets, at: int, version: int, kind: int) -> int:
    """Return the length of the names of virtual machines behind a header that is there."""
    if version == 30:
        place = NAMES_LARGE
    elif version == 20 and kind & 0xF8 in (0xA0, 0xB0):
        place = NAMES_CUT if kind & 4 else NAMES
    else:
        return 0
    return u8(data, at + place) + u8(data, at + place + 1)


@apart
def behind_records(data: Octets, at: int, end: int, packet: Packet) -> int:
    """Walk the records behind a header of version 3.5 to the frame."""
    kind = u8(data, at + FOLLOWING)
    at += FOLLOWING + 1
    for _ in range(MOST_RECORDS):
        if kind == ETHERNET:
            packet["at"] = at
            return layer.ETHERNET
        if kind < NO_RECORDS or kind == LAST:
            return stop(packet, reasons.NOT_IP)
        if at + SHORTEST > end:
            return stop(packet, reasons.LINK_TRUNCATED)
        size = u16_little(data, at)
        kind = u8(data, at + 2)
        if size < SHORTEST:
            return stop(packet, reasons.LINK_TRUNCATED)
        at += size
    return stop(packet, reasons.NESTED_TOO_DEEP)
