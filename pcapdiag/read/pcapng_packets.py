"""The packet blocks of pcapng: enhanced, simple and the obsolete one.

Source: draft-ietf-opsawg-pcapng 4.3 and 4.4; its appendix for the obsolete Packet Block.
"""

from typing import Any, Final

from pcapdiag.compiled import kernel
from pcapdiag.read.clock import nanoseconds
from pcapdiag.read.model import COMMENTED, DAMAGED, LARGEST_PACKET, MORE, OTHER, WAITING
from pcapdiag.read.order import word

SECTION: Final = 0x0A0D0D0A
"""Block types; this one reads the same in either byte order."""
OLD_PACKET: Final = 2
SIMPLE_PACKET: Final = 3
PACKET: Final = 6

LARGEST_BLOCK: Final = LARGEST_PACKET + (1 << 16)

COMMENT_OPTION: Final = 1
FLAGS_OPTION: Final = 2

HAS_COMMENT: Final = 4
"""Set beside the two direction bits."""
CHECK: Final = 0x1E0
"""Where the flags have the octets of the packet's check sequence; 0: not told."""


@kernel
def packet_options(data: Any, at: int, end: int, little: bool) -> int:
    """Return a packet's direction bits and CHECK bits, and HAS_COMMENT if it has one."""
    found = 0
    while at + 4 <= end:
        both = word(data, at, little)
        code = both & 0xFFFF if little else both >> 16
        length = both >> 16 if little else both & 0xFFFF
        if code == 0 or at + 4 + length > end:
            return found
        if code == FLAGS_OPTION and length == 4:
            flags = word(data, at + 4, little)
            found |= flags & CHECK
            if flags & 3 != 3:  # 3 is not defined
                found |= flags & 3
        elif code == COMMENT_OPTION:
            found |= HAS_COMMENT
        at += 4 + ((length + 3) & ~3)
    return found


@kernel
def scan(
    data: Any,
    at: int,
    end: int,
    little: bool,
    clocks: Any,
    first_interface: int,
    comments: bool,
    records: Any,
) -> tuple[int, int, int]:
    """Fill `records` with the packets in data[at:end] up to a block that is none.

    `clocks` are the section's interfaces, `first_interface` the number of the first of them in the
    file; `comments`: stop at packets that have one.  Returns how many, where it stopped, and why.
    """
    count = 0
    while at + 12 <= end:
        if count == len(records):
            return count, at, MORE
        kind = word(data, at, little)
        if kind == SECTION:
            return count, at, OTHER
        length = word(data, at + 4, little)
        if length < 12 or length > LARGEST_BLOCK or length & 3 != 0:
            return count, at, DAMAGED
        if at + length > end:
            return count, at, WAITING
        if word(data, at + length - 4, little) != length:
            return count, at, DAMAGED
        options = 0
        if kind in (PACKET, OLD_PACKET):
            if length < 32:
                return count, at, DAMAGED
            interface = word(data, at + 8, little)
            if kind == OLD_PACKET:  # 16 bits, then 16 bits of drops
                interface = interface & 0xFFFF if little else interface >> 16
            captured = word(data, at + 20, little)
            wire = word(data, at + 24, little)
            if captured > length - 32 or captured > LARGEST_PACKET or interface >= len(clocks):
                return count, at, DAMAGED
            begins = at + 28
            high = word(data, at + 12, little)
            time_ns = nanoseconds(high, word(data, at + 16, little), clocks[interface])
            after = begins + ((captured + 3) & ~3)
            if after < at + length - 4:
                options = packet_options(data, after, at + length - 4, little)
        elif kind == SIMPLE_PACKET:
            if length < 16 or len(clocks) == 0:
                return count, at, DAMAGED
            interface = 0
            wire = word(data, at + 8, little)
            # The captured length is not told: the shortest of what limits it.
            snaplen = clocks[0]["snaplen"]
            captured = snaplen if 0 < snaplen < wire else wire
            if captured > length - 16:
                return count, at, DAMAGED
            begins = at + 12
            time_ns = -1
        else:
            return count, at, OTHER
        record = records[count]
        record["at"] = begins
        record["captured"] = captured
        record["wire"] = wire if wire > captured else captured
        record["time_ns"] = time_ns
        record["interface"] = first_interface + interface
        record["direction"] = options & 3
        record["check"] = (options & CHECK) >> 5 if options & CHECK else clocks[interface]["check"]
        count += 1
        if comments and options & HAS_COMMENT != 0:
            return count, at, COMMENTED
        at += length
    return count, at, WAITING
