"""The pcap container: a file header, then records.

Source: draft-ietf-opsawg-pcap; its relatives are told apart in :mod:`pcapdiag.read.pcap_variants`.
"""

from dataclasses import dataclass
from typing import Any, Final

from pcapdiag.compiled import compiled, kernel
from pcapdiag.read.model import DAMAGED, LARGEST_PACKET, MORE, WAITING, Interface
from pcapdiag.read.order import byte_order, word
from pcapdiag.read.pcap_variants import (
    AIX,
    AIX_LINK_TYPES,
    MAGICS,
    PERHAPS_SWAPPED,
    SWAPPED,
    Variant,
    header_of,
    variant_of,
)

HEADER_LENGTH: Final = 24

USUAL_LARGEST: Final = 1 << 18
"""Largest packet of a file whose snaplen does not ask for more (as libpcap and Wireshark have it)."""


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
    check: int,
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
        record["check"] = check
        count += 1
        at += header + captured
    return count, at, WAITING


@dataclass
class Pcap:
    """One pcap file while it is read."""

    little: bool
    variant: Variant
    version: str
    lengths: int
    largest: int
    interfaces: list[Interface]
    frames: int = 0

    name: Final = "pcap"
    drops: Final = -1
    """The container has no room for it."""
    comments: Final[tuple[str, ...]] = ()
    blocks: Final[tuple[tuple[str, int], ...]] = ()

    @property
    def variant_name(self) -> str:
        """Which relative of pcap it is; "": the usual one."""
        return self.variant.name

    @property
    def byte_order(self) -> str:
        """In words."""
        return byte_order(self.little)

    @property
    def begins(self) -> int:
        """Offset of the first record."""
        return self.variant.begins

    @property
    def header(self) -> int:
        """Bytes of a record header."""
        return self.variant.header

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
            self.variant.unit_ns,
            self.header,
            self.lengths,
            self.largest,
            self.interfaces[0].check,
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


def begin(start: bytes, whole: bool) -> Pcap | None:
    """Return the container of a file that begins with these bytes; None: no whole pcap header.

    `whole`: the file has no more bytes.
    """
    header = header_of(start) if len(start) >= HEADER_LENGTH else None
    if header is None:
        return None
    variant = variant_of(header, start, whole)
    link_type = header.network & 0xFFFF
    if variant is AIX:
        link_type = AIX_LINK_TYPES[link_type]
    interface = Interface(link_type, header.snaplen, fcs_bits=_fcs_bits(header.network))
    largest = min(max(header.snaplen, USUAL_LARGEST), LARGEST_PACKET)
    version = f"{header.major}.{header.minor}"
    return Pcap(header.little, variant, version, header.lengths, largest, [interface])


def _fcs_bits(network: int) -> int:
    """Return how long a frame check sequence the upper bits of the link type tell; -1: none told."""
    return (network >> 28) * 16 if network & 0x04000000 else -1


def cut(start: bytes) -> bool:
    """Tell whether these bytes, a whole file, are a part of a pcap header."""
    if not 4 <= len(start) < HEADER_LENGTH:
        return False
    return any(word(start, 0, little) in MAGICS for little in (False, True))
