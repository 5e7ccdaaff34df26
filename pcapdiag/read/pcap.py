"""The pcap container: a file header, then records.

Source: draft-ietf-opsawg-pcap; the modified header with magic 0xa1b2cd34 is A. Kuznetzov's.
"""

from dataclasses import dataclass
from typing import Any, Final

from pcapdiag.compiled import compiled, kernel
from pcapdiag.read.model import DAMAGED, LARGEST_PACKET, MORE, WAITING, Interface
from pcapdiag.read.order import word

MAGICS: Final = {0xA1B2C3D4: (1000, 16), 0xA1B23C4D: (1, 16), 0xA1B2CD34: (1000, 24)}
"""Magic -> nanoseconds a unit of the fraction, bytes of a record header."""

HEADER_LENGTH: Final = 24

USUAL_LARGEST: Final = 1 << 18
"""Largest packet of a file whose snaplen does not ask for more (as libpcap and Wireshark have it)."""

AS_SPECIFIED, SWAPPED, PERHAPS_SWAPPED = 0, 1, 2
"""Captured length first; wire length first (before version 2.3); either (version 2.3)."""


@kernel
def scan(
    data: Any,
    at: int,
    end: int,
    little: bool,
    unit_ns: int,
    header: int,
    lengths: int,
    largest: int,
    records: Any,
) -> tuple[int, int, int]:
    """Fill `records` with the whole records in data[at:end].

    Returns how many, where the first one not taken begins, and why it was not.
    """
    count = 0
    while at + header <= end:
        if count == len(records):
            return count, at, MORE
        captured = word(data, at + 8, little)
        wire = word(data, at + 12, little)
        if lengths == SWAPPED or (lengths == PERHAPS_SWAPPED and captured > wire):
            captured, wire = wire, captured
        if captured > largest:
            return count, at, DAMAGED
        if at + header + captured > end:
            break
        record = records[count]
        record["at"] = at + header
        record["captured"] = captured
        record["wire"] = wire if wire > captured else captured
        record["time_ns"] = (
            word(data, at, little) * 1_000_000_000 + word(data, at + 4, little) * unit_ns
        )
        record["interface"] = 0
        record["direction"] = 0
        count += 1
        at += header + captured
    return count, at, WAITING


@dataclass
class Pcap:
    """One pcap file while it is read."""

    little: bool
    unit_ns: int
    header: int
    """Bytes of a record header."""
    lengths: int
    largest: int
    interfaces: list[Interface]
    frames: int = 0

    name: Final = "pcap"
    begins: Final = HEADER_LENGTH
    drops: Final = -1
    """The container has no room for it."""
    comments: Final[tuple[str, ...]] = ()

    def scan(
        self, data: Any, at: int, end: int, records: Any, run_compiled: bool
    ) -> tuple[int, int, int]:
        """Fill `records` from data[at:end]; returns count, where it stopped, and why."""
        run = compiled(scan) if run_compiled else scan
        count, at, status = run(
            data,
            at,
            end,
            self.little,
            self.unit_ns,
            self.header,
            self.lengths,
            self.largest,
            records,
        )
        self.frames += count
        return count, at, status

    def damage(self, data: Any, at: int, end: int) -> str:
        """Say what is wrong with the record that a scan refused."""
        claimed = self.captured(data[at : at + self.header])
        return f"a packet claims {claimed} bytes, more than the {self.largest} possible"

    def captured(self, header: Any) -> int:
        """Return the captured length that a record's header tells."""
        first, second = word(header, 8, self.little), word(header, 12, self.little)
        swapped = self.lengths == SWAPPED or (self.lengths == PERHAPS_SWAPPED and first > second)
        return second if swapped else first

    def begun(self, data: Any, at: int, end: int) -> str:
        """Say what the bytes left over at the end of the file are."""
        there = end - at
        if there < self.header:
            return (
                f"the file ends inside a packet's header, {there} of {self.header} bytes are there"
            )
        whole = self.header + self.captured(data[at : at + self.header])
        return f"the file ends inside a packet, {there} of {whole} bytes are there"


def begin(start: bytes) -> Pcap | None:
    """Return the container of a file that begins with these bytes; None: no whole pcap header."""
    if len(start) < HEADER_LENGTH:
        return None
    for little in (False, True):
        found = MAGICS.get(word(start, 0, little))
        if found is None:
            continue
        unit_ns, header = found
        minor = word(start, 4, little) >> 16 if little else word(start, 4, little) & 0xFFFF
        lengths = SWAPPED if minor < 3 else PERHAPS_SWAPPED if minor == 3 else AS_SPECIFIED
        snaplen = word(start, 16, little)
        # The upper bits tell the length of a frame check sequence; 16 bits are the link type.
        interface = Interface(link_type=word(start, 20, little) & 0xFFFF, snaplen=snaplen)
        largest = min(max(snaplen, USUAL_LARGEST), LARGEST_PACKET)
        return Pcap(little, unit_ns, header, lengths, largest, [interface])
    return None


def cut(start: bytes) -> bool:
    """Tell whether these bytes, a whole file, are a part of a pcap header."""
    if not 4 <= len(start) < HEADER_LENGTH:
        return False
    return any(word(start, 0, little) in MAGICS for little in (False, True))
