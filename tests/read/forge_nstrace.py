"""NetScaler traces made for tests, by the layouts that Wireshark's wiretap reads."""

import struct
from dataclasses import dataclass, field
from typing import Final

from tests.read.forge import Seen

SECOND: Final = 10**9
START_S: Final = 1_700_000_000

TEXTS: Final = {
    10: b"NetScaler Performance Data",
    20: b"NetScaler V20 Performance Data",
    30: b"Netscaler V30 Performance Data",
    35: b"Netscaler V35 Performance Data",
}
REVISIONS: Final = (10, 20, 21, 22, 23, 24, 25, 26, 30, 35)
FIRST_TYPES: Final = {
    10: 0x310, 20: 0xC0, 21: 0xD0, 22: 0xE0, 23: 0xF0, 24: 0xF8, 25: 0xB0, 26: 0xA0, 30: 0xA8, 35: 0xAC,
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What a record says of its packet."""

    operation: int = 2
    """0 TX, 1 TXB, 2 RX, 3 new RX."""
    nic: int = 1
    pcb: int = 0
    linked: int = 0
    vlan: int = 0
    core: int = 0
    nodes: tuple[int, int] = (0, 0)
    flags: int = 0
    names: tuple[bytes, bytes] = (b"", b"")
    activity: int = 0
    error: int = 0
    application: int = 0


def release_of(revision: int) -> int:
    return revision if revision >= 30 or revision == 10 else 20


def size_octets(size: int) -> bytes:
    """The size field of versions 2.0 and later, always in its long form."""
    return bytes([size & 0x7F | 0x80, size >> 7])


def packet(
    revision: int, body: bytes, since: int, time_ns: int, told: Told, wire: int = -1
) -> bytes:
    """Return a record; `since` is the raw relative time, `wire` >= 0 makes a cut one."""
    cut = wire >= 0 and revision < 30
    kind = FIRST_TYPES[revision] + told.operation + (4 if cut else 0)
    links = struct.pack("<II", told.pcb, told.linked)
    lengths = struct.pack("<HH", wire, 0) if cut else b""
    whole = struct.pack("<H", len(body) if wire < 0 else wire)
    absolute = struct.pack("<Q", time_ns)
    cluster = struct.pack("<HHB", *told.nodes, told.flags)
    names = bytes(map(len, told.names))
    place = struct.pack("<HH", told.vlan, told.core)
    if revision == 10:
        rest = struct.pack("<II", told.nic, since) + lengths + body
        return struct.pack("<HH", kind, 4 + len(rest)) + rest
    rest = bytes([told.nic])
    if revision <= 22:
        rest += struct.pack("<I", since) + lengths
        rest += links if revision >= 21 else b""
        rest += struct.pack("<H", told.vlan) if revision >= 22 else b""
    elif revision <= 26:
        rest += absolute + lengths + links + place
        rest += cluster if revision >= 24 else b""
        rest += names if revision >= 25 else b""
        rest += b"\0" + struct.pack("<I", told.activity) + bytes(12) if revision == 26 else b""
    elif revision == 30:
        rest += absolute + links + whole + place + cluster + names + bytes(3)
        rest += struct.pack("<I", told.activity) + bytes(12)
    else:
        rest += absolute + links + whole + place
        more = following(told)
        rest += struct.pack(
            "<HBBI", 35 + len(more) - 1, told.error, told.application, told.activity
        )
        return (
            bytes([kind]) + size_octets(3 + len(rest) + len(more) + len(body)) + rest + more + body
        )
    if revision in (25, 26, 30):
        rest += b"".join(told.names)
    return bytes([kind]) + size_octets(3 + len(rest) + len(body)) + rest + body


def following(told: Told) -> bytes:
    """Return the records between a 3.5 header and its frame, with the type of the first in front."""
    made = []
    if told.names != (b"", b""):
        made.append((0x84, bytes(map(len, told.names)) + b"".join(told.names)))
    if told.nodes != (0, 0) or told.flags:
        made.append((0x85, struct.pack("<HHB", *told.nodes, told.flags)))
    kinds = [kind for kind, _ in made] + [1]
    found = bytes([kinds[0]])
    for (_, value), after in zip(made, kinds[1:], strict=True):
        found += struct.pack("<HB", 3 + len(value), after) + value
    return found


def header_length(record: bytes, body: bytes) -> int:
    return len(record) - len(body)


@dataclass
class Trace:
    """A trace that is written record by record."""

    revision: int
    data: bytes = b""
    packets: list[Seen] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    """Offsets at which records end."""
    spans: list[tuple[int, int]] = field(default_factory=list)
    """Where the records of packets begin and end."""

    def __post_init__(self) -> None:
        text = TEXTS[release_of(self.revision)]
        if self.revision == 10:
            self.data = struct.pack("<HHB3x", 0x101, 64, 1) + text.ljust(56, b"\0")
            self.data += struct.pack("<HHII", 0x107, 12, 0, START_S)
        else:
            self.data = bytes([1, 3 + len(text) + 1, 1]) + text + b"\0"
            self.data += struct.pack("<BBHI", 7, 8, 0, START_S)
        self.ends = [len(self.data)]
        self.page = 16384 if self.revision >= 30 else 8192

    @property
    def padded(self) -> bytes:
        """The file with its last page filled: Wireshark reads beyond the end of a shorter one of 3.x."""
        return self.data + bytes(-len(self.data) % self.page)

    def other(self, size: int) -> None:
        """Add a record that holds no packet."""
        if self.revision == 10:
            self._add(struct.pack("<HH", 0x520, size) + b"\xee" * (size - 4))
        else:
            self._add(bytes([0x20]) + size_octets(size) + b"\xee" * (size - 3))

    def packet(self, body: bytes, since: int, told: Told, wire: int = -1) -> None:
        """Add a packet; `since` nanoseconds after the one before."""
        before = self.packets[-1].time_ns if self.packets else START_S * SECOND
        raw = since | 3 << 30 if since < 1 << 30 else since // 1000 | 2 << 30
        since = since if since < 1 << 30 else since // 1000 * 1000
        record = packet(self.revision, body, raw, before + since, told, wire)
        header = header_length(record, body)
        begin = self._add(record, spans=self.revision >= 30)
        if wire < 0:
            wire = len(body)
        self.spans.append((begin, len(self.data)))
        self.packets.append(
            Seen(
                len(self.packets) + 1,
                before + since,
                self.data[begin : begin + len(record)],
                wire + header,
                0,
                1 if told.operation >= 2 else 2,
            )
        )

    def _add(self, record: bytes, spans: bool = False) -> int:
        left = -len(self.data) % self.page
        # A record begins a page unless it fits in the rest; of packets in 3.x the header must.
        need = 64 if spans and len(record) > 64 else len(record)
        if left < need + 1:
            self.data += bytes(left)
        begin = len(self.data)
        self.data += record
        self.ends.append(len(self.data))
        return begin
