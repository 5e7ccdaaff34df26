"""The pcapng container: sections of blocks, each section in its own byte order.

Source: draft-ietf-opsawg-pcapng.  Packets come in enhanced (6), simple (3) and obsolete (2) packet blocks;
interface descriptions (1) give link type and time resolution, interface statistics (5) the drops.
"""

import struct
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pcapdiag.compiled import kernel
from pcapdiag.read.model import LARGEST_PACKET, Interface, Problem
from pcapdiag.read.pcap import u32_either

MAGIC: Final = b"\x0a\x0d\x0d\x0a"
SECTION, INTERFACE, OLD_PACKET, SIMPLE_PACKET, STATISTICS, PACKET = 0x0A0D0D0A, 1, 2, 3, 5, 6
LARGEST_BLOCK: Final = LARGEST_PACKET + 4096
MOST_INTERFACES: Final = 100_000
MOST_COMMENTS: Final = 100
LONGEST_COMMENT: Final = 2000

DONE, DAMAGED, OTHER = 0, 1, 2
"""What stopped a scan: no more whole blocks, a block that cannot be one, or a block that is no packet."""

DECIMAL, BINARY = 0, 1

CLOCK: Final = np.dtype(
    [
        ("snaplen", "i8"),  # 0: no limit
        ("kind", "i8"),  # DECIMAL or BINARY
        ("exponent", "i8"),  # ticks a second: 10 or 2 to this
        ("offset_ns", "i8"),
    ]
)
"""How an interface tells time; one entry an interface of the section."""


@kernel
def nanoseconds(high: int, low: int, kind: int, exponent: int, offset_ns: int) -> int:
    """Return the time of a tick count since 1970, ns; -1 when it does not fit."""
    if high >= 1 << 31:
        return -1
    ticks = high << 32 | low
    if kind == BINARY:
        shift = exponent
        seconds = ticks >> shift
        rest = ticks & ((1 << shift) - 1)
        if shift > 30:
            rest >>= shift - 30
            shift = 30
        if seconds > 9_000_000_000:
            return -1
        return seconds * 1_000_000_000 + (rest * 1_000_000_000 >> shift) + offset_ns
    factor = 1
    for _ in range(exponent, 9):
        factor *= 10
    for _ in range(9, exponent):
        ticks //= 10
    if ticks > 9_000_000_000_000_000_000 // factor:
        return -1
    return ticks * factor + offset_ns


@kernel
def _direction(data: Any, at: int, end: int, little: bool) -> int:
    """Return the direction bits of an enhanced packet's flags option; 0 when there is none."""
    while at + 4 <= end:
        word = u32_either(data, at, little)
        # Code and length are 16 bits each, in the section's byte order.
        code = word & 0xFFFF if little else word >> 16
        length = word >> 16 if little else word & 0xFFFF
        if code == 0:
            return 0
        if code == 2 and length == 4 and at + 8 <= end:
            return u32_either(data, at + 4, little) & 3
        at += 4 + ((length + 3) & ~3)
    return 0


@kernel
def scan(
    data: Any, at: int, end: int, little: bool, clocks: Any, first_interface: int, records: Any
) -> tuple[int, int, int]:
    """Fill `records` with the packets in data[at:end] up to a block that is none.

    `clocks` are the section's interfaces, of which the first is `first_interface` in the file.
    Returns how many, where it stopped, and why.
    """
    count = 0
    while count < len(records) and at + 12 <= end:
        kind = u32_either(data, at, little)
        length = u32_either(data, at + 4, little)
        if kind == 0x0A0D0D0A:
            return count, at, OTHER
        if length < 12 or length > LARGEST_BLOCK or length & 3 != 0:
            return count, at, DAMAGED
        if at + length > end:
            return count, at, DONE
        if kind == 6 or kind == 2:
            if length < 32:
                return count, at, DAMAGED
            interface = u32_either(data, at + 8, little)
            if kind == 2:  # 16 bits of interface, then 16 bits of drops
                interface = interface & 0xFFFF if little else interface >> 16
            captured = u32_either(data, at + 20, little)
            wire = u32_either(data, at + 24, little)
            if captured > length - 32 or interface >= len(clocks):
                return count, at, DAMAGED
            clock = clocks[interface]
            record = records[count]
            record["time_ns"] = nanoseconds(
                u32_either(data, at + 12, little),
                u32_either(data, at + 16, little),
                clock["kind"],
                clock["exponent"],
                clock["offset_ns"],
            )
            options = at + 28 + ((captured + 3) & ~3)
            record["direction"] = (
                _direction(data, options, at + length - 4, little) if kind == 6 else 0
            )
            record["at"] = at + 28
        elif kind == 3:
            if length < 16 or len(clocks) == 0:
                return count, at, DAMAGED
            interface = 0
            wire = u32_either(data, at + 8, little)
            captured = length - 16
            limit = clocks[0]["snaplen"]
            if wire < captured:
                captured = wire
            if limit > 0 and limit < captured:
                captured = limit
            record = records[count]
            record["time_ns"] = -1
            record["direction"] = 0
            record["at"] = at + 12
        else:
            return count, at, OTHER
        record["captured"] = captured
        record["wire"] = wire if wire > captured else captured
        record["interface"] = first_interface + interface
        count += 1
        at += length
    return count, at, DONE


@dataclass
class Container:
    """State of one pcapng file while it is read."""

    little: bool = True
    interfaces: list[Interface] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    dropped: dict[int, int] = field(default_factory=dict)
    """Interface -> packets lost, from its last statistics."""
    clocks: NDArray[Any] = field(default_factory=lambda: np.zeros(0, CLOCK))
    first_interface: int = 0

    name: str = "pcapng"
    skip: int = 0

    @property
    def drops(self) -> int:
        """Packets lost by all interfaces; -1 when no statistics say."""
        return sum(self.dropped.values()) if self.dropped else -1

    def scan(self, run: Any, data: Any, at: int, end: int, records: Any) -> tuple[int, int, bool]:
        """Scan one block; returns count, where to go on, and whether the file ends here (damage)."""
        total = 0
        while True:
            count, at, why = run(scan)(
                data, at, end, self.little, self.clocks, self.first_interface, records[total:]
            )
            total += count
            if why == DAMAGED:
                return total, at, True
            if why == DONE or total == len(records):
                return total, at, False
            taken = self._other(bytes(data[at : min(end, at + LARGEST_BLOCK)]))
            if taken < 0:
                return total, at, True
            if taken == 0:
                return total, at, False
            at += taken

    def _other(self, block: bytes) -> int:
        """Take a block that is no packet; returns its length, 0: not whole yet, -1: damaged."""
        if len(block) < 12:
            return 0
        if block[:4] == MAGIC:
            order = block[8:12]
            if order not in (b"\x1a\x2b\x3c\x4d", b"\x4d\x3c\x2b\x1a"):
                return -1
            self.little = order == b"\x4d\x3c\x2b\x1a"
        kind, length = self._unpack("II", block[:8])
        if length < 12 or length > LARGEST_BLOCK or length & 3:
            return -1
        if len(block) < length:
            return 0
        body = block[8 : length - 4]
        if kind == SECTION:
            self.first_interface = len(self.interfaces)
            self.clocks = np.zeros(0, CLOCK)
            self._comment(self._options(body[16:]))
        elif kind == INTERFACE:
            return int(length) if self._interface(body) else -1
        elif kind == STATISTICS and len(body) >= 12:
            options = self._options(body[12:])
            number = self.first_interface + self._unpack("I", body[:4])[0]
            lost = [self._unpack("Q", v)[0] for c, v in options if c in (5, 7) and len(v) == 8]
            if lost:
                self.dropped[number] = min(sum(lost), 1 << 62)
        return int(length)

    def _unpack(self, form: str, data: bytes) -> tuple[int, ...]:
        return struct.unpack(("<" if self.little else ">") + form, data)

    def _options(self, data: bytes) -> list[tuple[int, bytes]]:
        found: list[tuple[int, bytes]] = []
        at = 0
        while at + 4 <= len(data) and len(found) < 1000:
            code, length = self._unpack("HH", data[at : at + 4])
            if code == 0 or at + 4 + length > len(data):
                break
            found.append((code, data[at + 4 : at + 4 + length]))
            at += 4 + (length + 3 & ~3)
        return found

    def _comment(self, options: list[tuple[int, bytes]]) -> None:
        for code, value in options:
            if code == 1 and len(self.comments) < MOST_COMMENTS:
                self.comments.append(value[:LONGEST_COMMENT].decode("utf-8", "replace"))

    def _interface(self, body: bytes) -> bool:
        """Take an interface description; False: it is damaged."""
        if len(body) < 8 or len(self.interfaces) >= MOST_INTERFACES:
            return False
        link, _, snaplen = self._unpack("HHI", body[:8])
        options = self._options(body[8:])
        self._comment(options)
        text = {c: v[:200].decode("utf-8", "replace") for c, v in options if c in (2, 3)}
        filters = [v[1:] for c, v in options if c == 11 and v[:1] == b"\0"]
        resolution = next((v[0] for c, v in options if c == 9 and v), 6)
        seconds = next((self._unpack("q", v)[0] for c, v in options if c == 14 and len(v) == 8), 0)
        clock = np.zeros(1, CLOCK)
        clock["snaplen"] = snaplen
        clock["kind"] = BINARY if resolution & 0x80 else DECIMAL
        clock["exponent"] = min(resolution & 0x7F, 62 if resolution & 0x80 else 27)
        clock["offset_ns"] = seconds * 10**9 if abs(seconds) < 9_000_000_000 else 0
        self.clocks = np.concatenate([self.clocks, clock])
        self.interfaces.append(
            Interface(
                link_type=link,
                snaplen=snaplen,
                name=text.get(2, ""),
                description=text.get(3, ""),
                filter=filters[0].decode("utf-8", "replace")[:500] if filters else "",
            )
        )
        return True


def begin(start: bytes) -> Container | None:
    """Return the container whose file begins with these bytes; None: not pcapng."""
    if start[:4] != MAGIC or start[8:12] not in (b"\x1a\x2b\x3c\x4d", b"\x4d\x3c\x2b\x1a"):
        return None
    return Container()
