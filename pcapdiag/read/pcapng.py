"""The pcapng container: sections of blocks, each section in its own byte order.

Source: draft-ietf-opsawg-pcapng.
"""

import struct
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from pcapdiag.compiled import compiled
from pcapdiag.read.clock import CLOCK, CLOCK_FIELDS, clock
from pcapdiag.read.model import COMMENTED, DAMAGED, MORE, OTHER, WAITING, Interface
from pcapdiag.read.order import byte_order, word
from pcapdiag.read.pcapng_packets import (
    COMMENT_OPTION,
    LARGEST_BLOCK,
    OLD_PACKET,
    PACKET,
    SECTION,
    scan,
)

INTERFACE: Final = 1
STATISTICS: Final = 5
BLOCKS: Final = {
    SECTION: "section header",
    INTERFACE: "interface description",
    4: "name resolution",
    STATISTICS: "interface statistics",
    9: "systemd journal",
    0xA: "decryption secrets",
    0xBAD: "custom",
    0x40000BAD: "custom, not to be copied",
}
"""Names of blocks that hold no packet; of secrets nothing but their number is kept."""
OTHER_BLOCK: Final = "of another type"

FRAMES_WITHOUT_PACKET: Final = (9, 0xBAD, 0x40000BAD, 0x204, 0x208, 0x216, 0x221)
"""Journal entries, custom blocks and system calls: Wireshark gives each a frame number."""

BYTE_ORDER: Final = 0x1A2B3C4D

MOST_INTERFACES: Final = 100_000
MOST_OPTIONS: Final = 1000
MOST_COMMENTS: Final = 100
LONGEST_COMMENT: Final = 2000
LONGEST_NAME: Final = 200


@dataclass
class Pcapng:
    """One pcapng file while it is read."""

    little: bool
    interfaces: list[Interface] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    frames: int = 0
    dropped: dict[int, int] = field(default_factory=dict)
    """Interface -> packets lost, from its last statistics."""
    clocks: list[dict[str, int]] = field(default_factory=list)
    """Of the section's interfaces, fields of CLOCK."""
    first_interface: int = 0
    blocks: Counter[str] = field(default_factory=Counter)
    """How many blocks without a packet there are, by name."""
    wrong: str = ""
    """What is wrong with a block that is no packet."""
    version: str = ""
    """Of the first section."""
    byte_order: str = ""
    table: Any = None
    """`clocks` as an array of CLOCK, with room for more."""
    in_table: int = 0

    name: Final = "pcapng"
    variant_name: Final = ""
    begins: Final = 0

    @property
    def drops(self) -> int:
        """Packets lost by all interfaces; -1 when no statistics say."""
        return sum(self.dropped.values()) if self.dropped else -1

    def scan(
        self, data: Any, at: int, end: int, records: Any, run_compiled: bool
    ) -> tuple[int, int, int]:
        """Fill `records` from data[at:end]; returns count, where it stopped, and why.

        Stops after a frame that holds no packet, so that the caller can number what follows.
        """
        run = compiled(scan) if run_compiled else scan
        total = 0
        while True:
            count, at, status = run(
                data,
                at,
                end,
                self.little,
                self._clock_table() if run_compiled else self.clocks,
                self.first_interface,
                len(self.comments) < MOST_COMMENTS,
                records[total:],
            )
            total += count
            self.frames += count
            if status == COMMENTED:
                at += self._packet_comment(data, at)
            elif status != OTHER:
                return total, at, status
            else:
                kind = word(data, at, self.little)
                length, status = self._take(data, at, end)
                at += length
                if status != OTHER:
                    return total, at, status
                if kind in FRAMES_WITHOUT_PACKET:
                    self.frames += 1
                    return total, at, MORE

    def _clock_table(self) -> Any:
        """Return `clocks` as an array; a million interfaces must not be copied a million times."""
        wanted = len(self.clocks)
        if self.table is None or wanted > len(self.table):
            longer = np.zeros(max(16, 2 * wanted), CLOCK)
            if self.in_table:
                longer[: self.in_table] = self.table[: self.in_table]
            self.table = longer
        for number in range(self.in_table, wanted):
            self.table[number] = tuple(self.clocks[number][name] for name in CLOCK_FIELDS)
        self.in_table = wanted
        return self.table[:wanted]

    def _take(self, data: Any, at: int, end: int) -> tuple[int, int]:
        """Take a block that is no packet; returns its length and OTHER, or 0 and why not."""
        little = self.little
        if word(data, at, little) == SECTION:
            little = word(data, at + 8, True) == BYTE_ORDER
            if word(data, at + 8, little) != BYTE_ORDER:
                self.wrong = "a section has no byte order"
                return 0, DAMAGED
        length = word(data, at + 4, little)
        if length < 12 or length > LARGEST_BLOCK or length & 3:
            return 0, DAMAGED
        if at + length > end:
            return 0, WAITING
        if word(data, at + length - 4, little) != length:
            return 0, DAMAGED
        kind = word(data, at, little)
        self.blocks[BLOCKS.get(kind, OTHER_BLOCK)] += 1
        if kind == SECTION:
            self.little = little
            self._section(bytes(data[at + 8 : at + length - 4]))
        elif kind == INTERFACE:
            if not self._interface(bytes(data[at + 8 : at + length - 4])):
                return 0, DAMAGED
        elif kind == STATISTICS:
            self._statistics(bytes(data[at + 8 : at + length - 4]))
        return length, OTHER

    def _unpack(self, form: str, data: bytes) -> tuple[int, ...]:
        return struct.unpack(("<" if self.little else ">") + form, data)

    def _options(self, data: bytes) -> list[tuple[int, bytes]]:
        """Return code and value of each option, up to the first that is damaged."""
        found: list[tuple[int, bytes]] = []
        at = 0
        while at + 4 <= len(data) and len(found) < MOST_OPTIONS:
            code, length = self._unpack("HH", data[at : at + 4])
            if code == 0 or at + 4 + length > len(data):
                break
            found.append((code, data[at + 4 : at + 4 + length]))
            at += 4 + (length + 3 & ~3)
        return found

    def _comment(self, options: list[tuple[int, bytes]], of: str = "") -> None:
        for code, value in options:
            if code == COMMENT_OPTION and len(self.comments) < MOST_COMMENTS:
                self.comments.append(of + value[:LONGEST_COMMENT].decode("utf-8", "replace"))

    def _packet_comment(self, data: Any, at: int) -> int:
        """Keep the comment of the packet whose block begins there; returns the block's length."""
        length = word(data, at + 4, self.little)
        after = at + 28 + (word(data, at + 20, self.little) + 3 & ~3)
        self._comment(self._options(bytes(data[after : at + length - 4])), f"frame {self.frames}: ")
        return length

    def _section(self, body: bytes) -> None:
        order = byte_order(self.little)
        self.byte_order = order if self.byte_order in ("", order) else "both"
        if len(body) >= 8:
            self.version = self.version or "{}.{}".format(*self._unpack("HH", body[4:8]))
        self.first_interface = len(self.interfaces)
        self.clocks = []
        self.in_table = 0
        self._comment(self._options(body[16:]))

    def _interface(self, body: bytes) -> bool:
        """Take an interface description; False: it is damaged."""
        if len(body) < 8 or len(self.interfaces) >= MOST_INTERFACES:
            self.wrong = "an interface description is too short, or one too many"
            return False
        link, _, snaplen = self._unpack("HHI", body[:8])
        options = self._options(body[8:])
        self._comment(options)
        last = dict(reversed(options))  # of a repeated option the first counts
        resolution = last[9][0] if last.get(9) else 6
        offset_s = self._unpack("q", last[14])[0] if len(last.get(14, b"")) == 8 else 0
        interface = Interface(
            link_type=link,
            snaplen=snaplen,
            name=last.get(2, b"")[:LONGEST_NAME].decode("utf-8", "replace"),
            description=last.get(3, b"")[:LONGEST_NAME].decode("utf-8", "replace"),
            filter=_filter(last.get(11, b"")),
            fcs_bits=_fcs_bits(last.get(13, b"")),
        )
        self.interfaces.append(interface)
        self.clocks.append(clock(resolution, offset_s, snaplen, interface.check))
        return True

    def _statistics(self, body: bytes) -> None:
        if len(body) < 12:
            return
        number = self._unpack("I", body[:4])[0]
        lost = [
            self._unpack("Q", value)[0]
            for code, value in self._options(body[12:])
            if code in (5, 7) and len(value) == 8  # by the interface, by the operating system
        ]
        if lost and number < len(self.clocks):
            self.dropped[self.first_interface + number] = sum(lost)

    def damage(self, data: Any, at: int, end: int) -> str:
        """Say what is wrong with the block that a scan refused."""
        if self.wrong:
            return self.wrong
        kind, length = word(data, at, self.little), word(data, at + 4, self.little)
        if length < 12 or length > LARGEST_BLOCK or length & 3:
            return f"a block of type {kind} claims {length} bytes"
        if at + length <= end and word(data, at + length - 4, self.little) != length:
            return f"a block's two lengths differ ({length} at its begin)"
        if kind in (PACKET, OLD_PACKET) and length >= 32:
            captured = word(data, at + 20, self.little)
            if captured > length - 32:
                return f"a packet claims {captured} bytes, its block has {length}"
            return "a packet names an interface that the section does not describe"
        return f"a block of type {kind} with {length} bytes makes no sense"

    def begun(self, data: Any, at: int, end: int) -> str:
        """Say what the bytes left over at the end of the file are."""
        if end - at < 8:
            return "the file ends inside a block's header"
        whole = word(data, at + 4, self.little)
        return f"the file ends inside a block, {end - at} of {whole} bytes are there"


def _fcs_bits(value: bytes) -> int:
    """Return the length of the check sequence that an if_fcslen tells; -1: none told.

    Bits as the draft has it, but fewer than 8 are octets: many writers take it so, and Wireshark, too.
    """
    if not value:
        return -1
    return value[0] if value[0] >= 8 else value[0] * 8


def _filter(value: bytes) -> str:
    """Return the capture filter when it is text (first byte 0)."""
    return value[1:501].decode("utf-8", "replace") if value[:1] == b"\0" else ""


def begin(start: bytes) -> Pcapng | None:
    """Return the container of a file that begins with these bytes; None: not pcapng."""
    if len(start) < 12 or word(start, 0, True) != SECTION:
        return None
    for little in (True, False):
        if word(start, 8, little) == BYTE_ORDER:
            return Pcapng(little)
    return None


def cut(start: bytes) -> bool:
    """Tell whether these bytes, a whole file, are too few of a section header to know its order."""
    return 4 <= len(start) < 12 and word(start, 0, True) == SECTION
