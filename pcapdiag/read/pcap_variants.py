"""The kinds of pcap file: which magic means what, and how those that share one are told apart.

Source: draft-ietf-opsawg-pcap; tcpdump.org/linktypes.html; the facts about Ixia's, AIX's, Nokia's and
A. Kuznetzov's files, and which values of their fields were ever seen, are those noted in Wireshark's
wiretap sources.
"""

from dataclasses import dataclass
from typing import Final

from pcapdiag.read.order import word

MICROSECONDS: Final = 1000
NANOSECONDS: Final = 1
"""Nanoseconds a unit of the fraction."""

AS_SPECIFIED, SWAPPED, PERHAPS_SWAPPED = 0, 1, 2
"""Captured length first; wire length first (before version 2.3); either (version 2.3)."""


@dataclass(frozen=True)
class Variant:
    """How the records of a kind of pcap file are laid out."""

    name: str
    """What a user may know it by; "": the usual kind."""
    unit_ns: int
    header: int = 16
    """Bytes of a record header; beyond 16 they tell the Linux interface, protocol and direction, or
    are not documented."""
    begins: int = 24
    """Offset of the first record."""


USUAL: Final = Variant("", MICROSECONDS)
NANO: Final = Variant("nanoseconds", NANOSECONDS)
IXIA_HARDWARE: Final = Variant("Ixia lcap, hardware", NANOSECONDS, begins=28)
IXIA_SOFTWARE: Final = Variant("Ixia lcap, software", MICROSECONDS, begins=28)
AIX: Final = Variant("AIX", NANOSECONDS)
PATCHED: Final = Variant("patched libpcap of Red Hat 6.1", MICROSECONDS, header=24)
PATCHED_NEW: Final = Variant("modified libpcap", MICROSECONDS, header=24)
PATCHED_SMP: Final = Variant("modified libpcap of SuSE 6.3", MICROSECONDS, header=28)
NOKIA: Final = Variant("Nokia IPSO", MICROSECONDS, header=20)

MAGICS: Final[dict[int, tuple[Variant, ...]]] = {
    0xA1B2C3D4: (USUAL, PATCHED, NOKIA),
    0xA1B2CD34: (PATCHED_NEW, PATCHED_SMP),
    0xA1B23C4D: (NANO,),
    0x1C0001AC: (IXIA_HARDWARE,),
    0x1C0001AB: (IXIA_SOFTWARE,),
}
"""Magic -> what it may mean, the likeliest first."""

AIX_LINK_TYPES: Final = {6: 1, 9: 6, 15: 10, 24: 0}
"""Interface type (RFC 1573) -> LINKTYPE_: Ethernet, Token Ring, FDDI, loopback.

A usual file of version 2.2 has none of these numbers but 9 (PPP), and is older than most that read this.
"""

RECORDS: Final = 3
"""Records that are looked at to tell variants apart."""

RARE: Final = 3
"""A kind that nobody has written for twenty years must fit so many times better than the usual one."""

LARGEST: Final = 1 << 18
LARGEST_WIRE: Final = 1 << 27
MOST_INTERFACES: Final = 10_000
LINUX_PROTOCOLS: Final = frozenset({0x60, 0x200, 0x400}) | frozenset(range(0x18))
"""Values below 0x600 that Linux has for "packet protocol"."""
PACKET_TYPES: Final = 5


@dataclass(frozen=True)
class Header:
    """The fields of a file header that matter."""

    magic: int
    little: bool
    major: int
    minor: int
    snaplen: int
    network: int
    """Link type in the lower 16 bits."""

    @property
    def lengths(self) -> int:
        """AS_SPECIFIED, SWAPPED or PERHAPS_SWAPPED."""
        version = self.major, self.minor
        # Data General's tcpdump calls itself version 543.0.
        if version < (2, 3) or version == (543, 0):
            return SWAPPED
        return PERHAPS_SWAPPED if version == (2, 3) else AS_SPECIFIED


def header_of(start: bytes) -> Header | None:
    """Return the file header that these bytes, 24 or more, begin with; None: no pcap."""
    for little in (False, True):
        magic = word(start, 0, little)
        if magic in MAGICS:
            version = word(start, 4, little)
            major, minor = version >> 16, version & 0xFFFF
            if little:
                major, minor = minor, major
            snaplen, network = word(start, 16, little), word(start, 20, little)
            return Header(magic, little, major, minor, snaplen, network)
    return None


def variant_of(header: Header, start: bytes, whole: bool) -> Variant:
    """Return which kind of file begins with these bytes.

    `whole`: they are the whole file.  Where a magic has several meanings, the first records are
    read in each, and the meaning with the fewest oddities is the right one.
    """
    known = MAGICS[header.magic]
    if len(known) == 1:
        return known[0]
    if known[0] is USUAL:
        if (header.major, header.minor) == (2, 2) and header.network in AIX_LINK_TYPES:
            return AIX
        if (header.major, header.minor) != (2, 4):
            return USUAL
    best, fewest = known[0], RECORDS * 20
    for each in known:
        odd = _oddities(header, each, start, whole)
        if known[0] is USUAL and each is not USUAL:
            odd *= RARE
        if odd < fewest:
            best, fewest = each, odd
        if odd == 0:
            break
    return best


def _oddities(header: Header, variant: Variant, start: bytes, whole: bool) -> int:
    """Count what does not fit when the first records are read as this variant's."""
    at, odd, strange = variant.begins, 0, False
    # A file of the likeliest kind that was cut short is likelier than a whole one of a rare kind.
    whole = whole and variant is not MAGICS[header.magic][0]
    for _ in range(RECORDS):
        if at == len(start):
            break
        if at + variant.header > len(start):
            odd += whole
            break
        fraction, captured, wire = (word(start, at + n, header.little) for n in (4, 8, 12))
        swap = header.lengths
        if swap == SWAPPED or (swap == PERHAPS_SWAPPED and captured > wire):
            captured, wire = wire, captured
        odd += fraction >= 1_000_000
        odd += 0 < header.snaplen < captured
        odd += wire > LARGEST_WIRE
        odd += captured > wire
        strange |= _strange(start[at + 16 : at + variant.header], variant, header.little)
        if captured > LARGEST:
            odd += 1
            break
        at += variant.header + captured
        if at > len(start):
            odd += whole
            break
    return odd + strange


def _strange(extra: bytes, variant: Variant, little: bool) -> bool:
    """Tell whether the fields after a record's lengths have values that were never seen there."""
    if variant is NOKIA:
        seen = word(extra, 0, True)
        return (
            seen & 0x0FFF00F0 != 0x0FBF0000
            or seen >> 28 not in (0x9, 0xB)
            or seen >> 12 & 0xF not in (0xB, 0xD)
            or seen >> 8 & 0xF not in (0x6, 0x9)
            or seen & 0xF not in (0x1, 0x2)
        )
    if len(extra) < 8:
        return False
    protocol = int.from_bytes(extra[4:6], "little" if little else "big")
    return (
        word(extra, 0, little) > MOST_INTERFACES
        or (protocol < 0x600 and protocol not in LINUX_PROTOCOLS)
        or extra[6] >= PACKET_TYPES
    )
