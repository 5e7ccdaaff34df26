"""The pcap container: a file header, then records.

Source: draft-ietf-opsawg-pcap; the modified header with magic 0xa1b2cd34 is A. Kuznetzov's.
"""

import struct
from dataclasses import dataclass
from typing import Any, Final

from pcapdiag.compiled import kernel
from pcapdiag.layers.octets import u32, u32_little
from pcapdiag.read.model import LARGEST_PACKET, Interface, Problem

MAGICS: Final = {
    b"\xa1\xb2\xc3\xd4": (False, 1000, 16),
    b"\xd4\xc3\xb2\xa1": (True, 1000, 16),
    b"\xa1\xb2\x3c\x4d": (False, 1, 16),
    b"\x4d\x3c\xb2\xa1": (True, 1, 16),
    b"\xa1\xb2\xcd\x34": (False, 1000, 24),
    b"\x34\xcd\xb2\xa1": (True, 1000, 24),
}
"""Magic -> little endian, nanoseconds a unit of the fraction, bytes of a record header."""

HEADER_LENGTH: Final = 24

DONE, DAMAGED = 0, 1


@kernel
def u32_either(data: Any, at: int, little: bool) -> int:
    """Return four bytes in either byte order."""
    if little:
        return u32_little(data, at)
    return u32(data, at)


@kernel
def scan(
    data: Any, at: int, end: int, little: bool, unit_ns: int, header: int, records: Any
) -> tuple[int, int, int]:
    """Fill `records` with the whole records in data[at:end].

    Returns how many, where the first one that is not whole begins, and DONE or DAMAGED (that record
    cannot be one: its length is out of reason).
    """
    count = 0
    while count < len(records) and at + header <= end:
        captured = u32_either(data, at + 8, little)
        wire = u32_either(data, at + 12, little)
        fraction = u32_either(data, at + 4, little)
        if captured > LARGEST_PACKET:
            return count, at, DAMAGED
        if at + header + captured > end:
            break
        record = records[count]
        record["at"] = at + header
        record["captured"] = captured
        record["wire"] = wire if wire > captured else captured
        record["time_ns"] = u32_either(data, at, little) * 1_000_000_000 + fraction * unit_ns
        record["interface"] = 0
        record["direction"] = 0
        count += 1
        at += header + captured
    return count, at, DONE


@dataclass
class Container:
    """State of one pcap file while it is read."""

    little: bool
    unit_ns: int
    header: int
    interfaces: list[Interface]
    problems: list[Problem]

    name: str = "pcap"
    skip: int = HEADER_LENGTH
    drops: int = -1

    def scan(self, run: Any, data: Any, at: int, end: int, records: Any) -> tuple[int, int, bool]:
        """Scan one block; returns count, where to go on, and whether the file ends here (damage)."""
        count, at, status = run(scan)(
            data, at, end, self.little, self.unit_ns, self.header, records
        )
        return count, at, status == DAMAGED


def begin(start: bytes) -> Container | None:
    """Return the container whose file begins with these bytes; None: not pcap.

    Raises struct.error when the header is cut.
    """
    if start[:4] not in MAGICS:
        return None
    little, unit_ns, header = MAGICS[start[:4]]
    snaplen, link = struct.unpack("<II" if little else ">II", start[16:24])
    # The upper bits say how long a frame check sequence is; the link type is 16 bits wide.
    interface = Interface(link_type=link & 0xFFFF, snaplen=snaplen)
    return Container(little, unit_ns, header, [interface], [])
