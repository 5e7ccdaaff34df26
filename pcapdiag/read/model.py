"""What reading yields: batches of packet records, and an account of the file."""

from bisect import bisect
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

RECORD = np.dtype(
    [
        ("at", "i8"),  # offset of the packet's first byte in Batch.data
        ("captured", "i8"),  # bytes of the packet that are in the file
        ("wire", "i8"),  # bytes the packet had on the wire; at least `captured`
        ("time_ns", "i8"),  # since 1970-01-01 UTC; -1: the file has no time for it
        ("interface", "i8"),  # index into Capture.interfaces
        ("direction", "i8"),  # pcapng flags: 1 inbound, 2 outbound, 0 unknown
        ("check", "i8"),  # octets of frame check sequence, the last ones the packet had on the wire
    ]
)
"""One captured record; frame number = Batch.first_number + its index in the batch."""


@dataclass(frozen=True)
class Interface:
    """What a container says of one capturing interface."""

    link_type: int
    """LINKTYPE_ value, tcpdump.org/linktypes.html."""
    snaplen: int
    """Bytes kept of a packet; 0: no limit."""
    name: str = ""
    description: str = ""
    filter: str = ""
    """The capture filter, as text, when the container has it."""
    fcs_bits: int = -1
    """Length of the frame check sequence at each packet's end; -1: the container does not say."""

    @property
    def check(self) -> int:
        """The same in whole octets, 0 where the container says nothing."""
        return max(self.fcs_bits, 0) // 8


@dataclass(frozen=True)
class Batch:
    """A stretch of bytes and the packet records inside it."""

    data: NDArray[np.uint8]
    records: NDArray[Any]
    """1-d array of RECORD, in file order."""
    base: int
    """Offset of data[0] in the uncompressed stream; base + at is where evidence re-reads."""
    first_number: int
    """Frame number of records[0]; frames count from 1 as Wireshark's do."""


@dataclass
class Account:
    """What a capture turned out to hold; complete once iteration ends."""

    format: str = ""
    """``pcap``, ``pcapng``, ``snoop``, ``nstrace``, with ``+gzip``, ``+zstd``... when compressed."""
    variant: str = ""
    """Which relative of the format it is (``Nokia IPSO``); "": the usual one."""
    version: str = ""
    """Of the format, as the file tells it: ``2.4``."""
    byte_order: str = ""
    """``little endian``, ``big endian``, or ``both`` where sections differ."""
    blocks: dict[str, int] = field(default_factory=dict)
    """How many blocks without a packet a pcapng file has, by their name."""
    packets: int = 0
    bytes: int = 0
    """Sum of wire lengths."""
    first_ns: int = -1
    last_ns: int = -1
    digest: Future[str] | None = field(default=None, repr=False, compare=False)
    """Where the hash of the file comes from."""
    drops: int = -1
    """Packets the capturing host says it lost (pcapng interface statistics); -1: it does not say."""
    comments: list[str] = field(default_factory=list)
    cut_packets: int = 0
    """Packets with captured < wire."""
    problems: list["Problem"] = field(default_factory=list)
    backwards: int = 0
    """Packets with an earlier time than the one before them in the file."""
    backwards_ns: int = 0
    """How much earlier, at most."""
    backwards_frame: int = -1
    """The first of them; -1: none."""
    equal_times: int = 0
    """Packets with the very time of the one before."""
    gap_ns: int = 0
    """The longest time from a packet to the next."""
    gap_frame: int = -1
    """The packet after it; -1: there is none."""
    untimed: int = 0
    """Packets without a time."""
    parts: list["Part"] = field(default_factory=list)
    """The files of a capture that is kept in several, in order; none: it is one file."""
    weave: "Weave | None" = field(default=None, repr=False, compare=False)
    """How the packets of the files lie between each other; None: file after file."""

    @property
    def sha256(self) -> str:
        """Of the file as it lies on disk (or came through standard input); "" while it is read.

        Of a capture in several files: of their hashes, a line each.  Waits for the last bytes.
        """
        if self.parts:
            return sha256("".join(f"{each.sha256}\n" for each in self.parts).encode()).hexdigest()
        return self.digest.result() if self.digest else ""

    def place(self, name: str, frame: int) -> tuple[str, int]:
        """Return the file that has a frame of the capture `name`, and the frame's number there."""
        if self.weave:
            return self.weave.place(frame)
        for part in reversed(self.parts):
            if frame > part.frames:
                return part.name, frame - part.frames
        return name, frame

    def located(self, name: str, positions: Iterable[int]) -> dict[str, dict[int, int]]:
        """Return for each file the positions that lie in it, and the one in the capture `name` for each."""
        if self.weave:
            return self.weave.located(positions)
        if not self.parts:
            return {name: {at: at for at in positions}}
        found = dict[str, dict[int, int]]()
        begins = [part.base for part in self.parts]
        for at in positions:
            part = self.parts[max(bisect(begins, at) - 1, 0)]
            found.setdefault(part.name, {})[at - part.base] = at
        return found

    def take(self, other: "Account", part: "Part") -> None:
        """Add the account of the file that follows, as one part of the whole."""
        self.parts.append(part)
        self._take_times(other, part)
        self.add(other)
        self.problems += [
            Problem(each.what, part.base + each.position, part.frames + each.frame)
            for each in other.problems
        ]

    def add(self, other: "Account") -> None:
        """Add what another account counts and says, but for where its packets and problems lie."""
        self.variant, self.version = other.variant, other.version
        self.byte_order = other.byte_order if self.byte_order in ("", other.byte_order) else "both"
        self.packets += other.packets
        self.bytes += other.bytes
        self.cut_packets += other.cut_packets
        if other.drops >= 0:
            self.drops = max(self.drops, 0) + other.drops
        self.comments += other.comments
        for name, count in other.blocks.items():
            self.blocks[name] = self.blocks.get(name, 0) + count
        if other.first_ns >= 0:
            self.first_ns = min(t for t in (self.first_ns, other.first_ns) if t >= 0)
        self.last_ns = max(self.last_ns, other.last_ns)
        self.backwards += other.backwards
        self.backwards_ns = max(self.backwards_ns, other.backwards_ns)
        self.equal_times += other.equal_times
        self.untimed += other.untimed

    def _take_times(self, other: "Account", part: "Part") -> None:
        if self.last_ns >= 0 and other.first_ns - self.last_ns > self.gap_ns:
            self.gap_ns, self.gap_frame = other.first_ns - self.last_ns, part.frames + 1
        if self.backwards_frame < 0 <= other.backwards_frame:
            self.backwards_frame = part.frames + other.backwards_frame
        if other.gap_ns > self.gap_ns:
            self.gap_ns, self.gap_frame = other.gap_ns, part.frames + other.gap_frame


@dataclass(frozen=True)
class Part:
    """One file of a capture that is kept in several."""

    name: str
    """As the user gave it."""
    frames: int
    """Frames of the files before it; of a woven capture: before its own first."""
    base: int
    """Bytes of the files before it, unpacked: what its positions have more in the whole; in a woven
    capture they say nothing."""
    sha256: str


@dataclass(frozen=True)
class Problem:
    """Damage in a container: what, and where in the uncompressed stream."""

    what: str
    position: int
    frame: int
    """The last good frame before it; 0: none."""


LARGEST_PACKET: Final = 1 << 26
"""No link carries packets of 64 MiB: a longer record is damage."""


# Why a scan of record headers stopped: the words between the containers and their reader.
WAITING: Final = 0
"""The record that comes next is not whole: more bytes are needed."""
MORE: Final = 1
"""More may be found in the same bytes: the table was full, or a frame has to be told apart."""
DAMAGED: Final = 2
"""What comes next cannot be a record."""
OTHER: Final = 3
"""A whole block that is no packet comes next."""
COMMENTED: Final = 4
"""The last record came with a comment; its block comes next."""


class Unreadable(Exception):  # noqa: N818 - the word users read
    """A file that is no capture, or cannot be opened."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        """As the user gave it."""
        self.reason = reason
        """What is wrong and what to do now, without the name."""
        super().__init__(f"{name}: {reason}")

    def __reduce__(self) -> tuple[type["Unreadable"], tuple[str, str]]:
        """Return what pickle needs: workers hand this error to the process that asked."""
        return type(self), (self.name, self.reason)


class Weave(Protocol):
    """Where the packets of a capture lie that is woven of several files by time."""

    def place(self, frame: int) -> tuple[str, int]:
        """Return the file that has a frame, and the frame's number there."""

    def located(self, positions: Iterable[int]) -> dict[str, dict[int, int]]:
        """Return for each file the positions that lie in it, and the one in the whole for each."""


class Capture(Protocol):
    """A capture that was recognised; iterate once, nothing is held open before or after."""

    name: str
    """As the user gave it; ``-`` for standard input."""
    size: int
    """Bytes on disk."""
    done: int
    """Bytes on disk read so far."""
    compiled: bool
    """Whether record headers are scanned by compiled code; a change holds from the next block on."""
    interfaces: list[Interface]
    """Grows while iterating: pcapng announces interfaces on the way."""
    account: Account

    def __iter__(self) -> Iterator[Batch]: ...

    def again(self) -> "Capture":
        """Return the same capture to be read once more; raises Unreadable when it is gone."""
