"""The records of a NetScaler trace: which hold packets, how long their headers are, when they came.

Source: the layouts of NSPR 1.0, 2.0 (revisions 20 to 26), 3.0 and 3.5 as Wireshark's wiretap knows
them.  All numbers are little-endian.

    1.0   0 type (2), 2 size (2), 4 NIC (4), 8 time since the record before (4)
          cut: 12 length on the wire (2), 14 offset in the packet (2)
    2.0   0 type (1), 1 size (1 or 2), 3 NIC (1), then by revision
      20  4 time since the record before (4); cut: 8 length on the wire (2), 10 offset (2)
      21  as 20, then PCB (4), linked PCB (4)         22  as 21, then VLAN (2)
      23  4 time since 1970, ns (8); cut: 12 length on the wire (2), 14 offset (2); PCB (4),
          linked PCB (4), VLAN (2), core (2)
      24  as 23, then node it came from (2), node it goes to (2), cluster flags (1)
      25  as 24, then lengths of two names (1 each); the names stand behind the header
      26  as 25, then 17 octets
    3.0   as 23, but 20 length on the wire (2), 22 VLAN (2), 24 core (2), 26 nodes (2 each), 30 cluster
          flags (1), 31 lengths of two names (1 each), 19 octets
    3.5   as 3.0 up to the core, 26 length of the whole header (2), 28 error (1), 29 application (1),
          30 activity (4), 34 type of what follows (1)

A size of one octet may have its top bit set: 128 times the next octet is added.  The last two bits of
a packet's type say sent (0, 1) or received (2, 3).  Times between records: the top two bits are the unit.
"""

from typing import Any, Final

from pcapdiag.compiled import kernel
from pcapdiag.read.model import DAMAGED, MORE, WAITING
from pcapdiag.read.order import octet, word

PAGE: Final = 8192
"""A record of versions 1.0 and 2.0 lies within one page of the file."""
LARGE_PAGE: Final = 16384
"""Of versions 3.0 and 3.5, where the header of a record lies within one."""

UNUSED: Final = 0
"""The rest of the page, in version 2.0 of its half."""
ABSOLUTE_TIME, RELATIVE_TIME = 7, 8
"""Types that set the time; in version 1.0 with 1 as the second octet."""
OLD_CLASS: Final = 0x100
OLD_PACKETS: Final = 0x310
OLD_FULL, OLD_CUT = 12, 16
NAMES, NAMES_CUT, NAMES_LARGE = 29, 33, 31
"""Where the lengths of the names are: revisions 25 and 26, the same of cut packets, version 3.0."""

SECOND: Final = 1_000_000_000

# What a scan remembers from call to call.
POSITION, SKIP_TO, SECONDS, MILLISECONDS, ELAPSED_S, ELAPSED_NS = range(6)
STATE: Final = 6
"""Offset in the file, where the next record begins, time set last, beyond it, since the beginning."""


@kernel
def header_length(version: int, kind: int) -> int:
    """Return the length of a packet record's header without names; 0: the type holds no packet."""
    cut = kind & 4
    if version == 10:
        if kind & ~7 != OLD_PACKETS or kind & 3 == 3:
            return 0
        return OLD_CUT if cut else OLD_FULL
    group = kind & 0xF8
    if version >= 30:
        if group != 0xA8:
            return 0
        return 35 if cut else 52
    if group == 0xA0:
        return 52 if cut else 48
    if group == 0xB0:
        return 35 if cut else 31
    if group == 0xF8:
        return 33 if cut else 29
    if kind & 3 == 3:
        return 0
    if group == 0xC0:
        return 12 if cut else 8
    if group == 0xD0:
        return 20 if cut else 16
    if group == 0xE0:
        return 22 if cut else 18
    if group == 0xF0:
        return 28 if cut else 24
    return 0


@kernel
def size_of(data: Any, at: int, version: int) -> int:
    """Return the size of a record whose first four octets are there."""
    if version == 10:
        return octet(data, at + 2) | octet(data, at + 3) << 8
    low = octet(data, at + 1)
    return low & 0x7F | octet(data, at + 2) << 7 if low & 0x80 else low


@kernel
def wire_length(data: Any, at: int, version: int, kind: int, header: int, size: int) -> int:
    """Return what the record's packet had on the wire, and the record's header.

    Wireshark counts so too, but forgets the names in cut packets of revisions 25 and 26.
    """
    if version >= 30:
        whole = octet(data, at + 20) | octet(data, at + 21) << 8
        if kind & 4:
            return whole + (octet(data, at + 26) | octet(data, at + 27) << 8)
        return whole + header + octet(data, at + NAMES_LARGE) + octet(data, at + NAMES_LARGE + 1)
    if kind & 4 == 0:
        return size
    group = kind & 0xF8
    place = 8 if group in (0xC0, 0xD0, 0xE0) else 12
    if group in (0xA0, 0xB0) and version == 20:
        header += octet(data, at + NAMES_CUT) + octet(data, at + NAMES_CUT + 1)
    return (octet(data, at + place) | octet(data, at + place + 1) << 8) + header


@kernel
def take_time(data: Any, at: int, version: int, header: int, state: Any) -> int:
    """Return a packet's time in nanoseconds since 1970; -1: in no year that there will be."""
    if version >= 30 or (version == 20 and header >= 24):
        high = word(data, at + 8, True)
        if high >= 1 << 31:
            return -1
        time_ns = high << 32 | word(data, at + 4, True)
        state[ELAPSED_S] = time_ns // SECOND & 0xFFFFFFFF
        state[ELAPSED_NS] = time_ns % SECOND
        return int(state[ELAPSED_S]) * SECOND + int(state[ELAPSED_NS])
    since = word(data, at + (8 if version == 10 else 4), True)
    unit = since >> 30
    since &= 0x3FFFFFFF
    seconds = 0
    if unit == 0:
        seconds, since = since, 0
    elif unit == 1:
        seconds, since = since // 1000, since % 1000 * 1_000_000
    elif unit == 2:
        seconds, since = since // 1_000_000, since % 1_000_000 * 1000
    elif since >= SECOND:
        seconds, since = 1, since - SECOND
    since += int(state[ELAPSED_NS])
    if since >= SECOND:
        seconds, since = seconds + 1, since - SECOND
    state[ELAPSED_S] = int(state[ELAPSED_S]) + seconds & 0xFFFFFFFF
    state[ELAPSED_NS] = since
    return (int(state[SECONDS]) + int(state[ELAPSED_S]) & 0xFFFFFFFF) * SECOND + since


@kernel
def set_time(data: Any, at: int, version: int, kind: int, state: Any) -> None:
    """Take in a record that sets the time, or moves it on."""
    later = octet(data, at + 2) | octet(data, at + 3) << 8
    if version == 10:
        later = word(data, at + 4, True)
    if kind & 0xFF == ABSOLUTE_TIME:
        state[SECONDS] = word(data, at + (8 if version == 10 else 4), True)
        state[MILLISECONDS] = 0
        return
    later = int(state[MILLISECONDS]) + later & 0xFFFFFFFF
    state[SECONDS] = int(state[SECONDS]) + later // 1000 & 0xFFFFFFFF
    state[MILLISECONDS] = later % 1000


@kernel
def sets_time(version: int, kind: int) -> int:
    """Return the length of a record that sets the time; 0: this type does not."""
    old = OLD_CLASS if version == 10 else 0
    if kind != old + ABSOLUTE_TIME and kind != old + RELATIVE_TIME:
        return 0
    return 12 if version == 10 else 8


@kernel
def unused_until(here: int, version: int) -> int:
    """Return where records go on when the one at `here` says that what follows is unused."""
    page = LARGE_PAGE if version >= 30 else PAGE
    begin = here - here % page
    if version == 20 and here - begin < PAGE // 2:
        return begin + PAGE // 2
    return begin + page


@kernel
def scan(
    data: Any, at: int, end: int, version: int, state: Any, records: Any
) -> tuple[int, int, int]:
    """Fill `records` with the packets in data[at:end]; `state` holds STATE numbers and is changed.

    Returns how many, where the first record not taken begins, and why it was not.
    """
    base = int(state[POSITION]) - at
    page = LARGE_PAGE if version >= 30 else PAGE
    count = 0
    while True:
        status = WAITING
        skip_to = int(state[SKIP_TO]) - base
        if skip_to > at:
            at = min(end, skip_to)
        if at >= end or skip_to > at:
            break
        here = base + at
        page_end = here - here % page + page - base
        if version == 10 and page_end - at < 2:
            state[SKIP_TO] = base + page_end
            continue
        if version == 10 and at + 2 > end:
            break
        kind = octet(data, at)
        if version == 10:
            kind |= octet(data, at + 1) << 8
        if kind == UNUSED:
            state[SKIP_TO] = unused_until(here, version)
            continue
        if at + 4 > end:
            break
        size = size_of(data, at, version)
        header = header_length(version, kind)
        if size == 0 or size < header:
            status = DAMAGED
            break
        if header == 0:
            length = sets_time(version, kind)
            if length:
                if at + length > end:
                    break
                set_time(data, at, version, kind, state)
            state[SKIP_TO] = min(here + size, base + page_end)
            continue
        if at + header > page_end or (version < 30 and at + size > page_end):
            status = DAMAGED
            break
        if at + size > end:
            break
        if count == len(records):
            status = MORE
            break
        wire = wire_length(data, at, version, kind, header, size)
        record = records[count]
        record["at"] = at
        record["captured"] = size
        record["wire"] = max(size, wire)
        record["time_ns"] = take_time(data, at, version, header, state)
        record["interface"] = 0
        record["direction"] = 1 if kind & 2 else 2
        count += 1
        at += size
    state[POSITION] = base + at
    return count, at, status
