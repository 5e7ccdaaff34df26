"""The snoop container: a file header, then records that tell their own length.

Source: RFC 1761.
"""

from dataclasses import dataclass
from typing import Any, Final

from pcapdiag.compiled import compiled, kernel
from pcapdiag.read.model import DAMAGED, LARGEST_PACKET, MORE, WAITING, Interface
from pcapdiag.read.order import word

MAGIC: Final = b"snoop\0\0\0"
HEADER_LENGTH: Final = 16
RECORD_HEADER: Final = 24
MOST_PADDING: Final = 1 << 16
"""Bytes after a packet; four would do."""

LINK_TYPES: Final = {0: 1, 2: 6, 4: 1, 8: 10}
"""Data link type -> LINKTYPE_: IEEE 802.3, Token Ring, Ethernet, FDDI; others are left to Wireshark."""


@kernel
def scan(data: Any, at: int, end: int, records: Any) -> tuple[int, int, int]:
    """Fill `records` with the whole records in data[at:end].

    Returns how many, where the first one not taken begins, and why it was not.
    """
    count = 0
    while at + RECORD_HEADER <= end:
        if count == len(records):
            return count, at, MORE
        wire = word(data, at, False)
        captured = word(data, at + 4, False)
        length = word(data, at + 8, False)
        least = RECORD_HEADER + captured
        if captured > LARGEST_PACKET or length < least or length > least + MOST_PADDING:
            return count, at, DAMAGED
        if at + length > end:
            break
        record = records[count]
        record["at"] = at + RECORD_HEADER
        record["captured"] = captured
        record["wire"] = wire if wire > captured else captured
        record["time_ns"] = (
            word(data, at + 16, False) * 1_000_000_000 + word(data, at + 20, False) * 1000
        )
        record["interface"] = 0
        record["direction"] = 0
        count += 1
        at += length
    return count, at, WAITING


@dataclass
class Snoop:
    """One snoop file while it is read."""

    interfaces: list[Interface]
    frames: int = 0
    drops: int = -1
    """Packets lost so far, as the last record tells."""

    name: Final = "snoop"
    variant_name: Final = ""
    version: Final = "2"
    byte_order: Final = "big endian"
    begins: Final = HEADER_LENGTH
    header: Final = RECORD_HEADER
    comments: Final[tuple[str, ...]] = ()
    blocks: Final[tuple[tuple[str, int], ...]] = ()

    def scan(
        self, data: Any, at: int, end: int, records: Any, run_compiled: bool
    ) -> tuple[int, int, int]:
        """Fill `records` from data[at:end]; returns count, where it stopped, and why."""
        run = compiled(scan) if run_compiled else scan
        count, at, status = run(data, at, end, records)
        if count:
            self.drops = word(data, int(records[count - 1]["at"]) - RECORD_HEADER + 12, False)
        self.frames += count
        return count, at, status

    def damage(self, data: Any, at: int, end: int) -> str:
        """Say what is wrong with the record that a scan refused."""
        captured, length = word(data, at + 4, False), word(data, at + 8, False)
        return f"a packet claims {captured} bytes, its record has {length}"

    def captured(self, header: Any) -> int:
        """Return the captured length that a record's header tells."""
        return word(header, 4, False)

    def begun(self, data: Any, at: int, end: int) -> str:
        """Say what the bytes left over at the end of the file are."""
        if end - at < RECORD_HEADER:
            return f"the file ends inside a packet's header, {end - at} of {RECORD_HEADER} bytes are there"
        whole = word(data, at + 8, False)
        return f"the file ends inside a packet, {end - at} of {whole} bytes are there"


def begin(start: bytes) -> Snoop | None:
    """Return the container of a file that begins with these bytes; None: no snoop we read."""
    if len(start) < HEADER_LENGTH or not start.startswith(MAGIC) or word(start, 8, False) != 2:
        return None
    link_type = LINK_TYPES.get(word(start, 12, False))
    return None if link_type is None else Snoop([Interface(link_type, 0)])


def cut(start: bytes) -> bool:
    """Tell whether these bytes, a whole file, are a part of a snoop header."""
    return len(MAGIC) <= len(start) < HEADER_LENGTH and start.startswith(MAGIC)
