"""What reading yields: batches of packet records, and an account of the file."""

from collections.abc import Iterator
from dataclasses import dataclass, field
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
    """``pcap``, ``pcapng``, ``snoop``, with ``+gzip``, ``+zstd``... when compressed."""
    variant: str = ""
    """Which relative of the format it is (``Nokia IPSO``); "": the usual one."""
    version: str = ""
    """Of the format, as the file tells it: ``2.4``."""
    byte_order: str = ""
    """``little endian``, ``big endian``, or ``both`` where sections differ."""
    packets: int = 0
    bytes: int = 0
    """Sum of wire lengths."""
    first_ns: int = -1
    last_ns: int = -1
    sha256: str = ""
    """Of the file as it lies on disk (or came through standard input)."""
    drops: int = -1
    """Packets the capturing host says it lost (pcapng interface statistics); -1: it does not say."""
    comments: list[str] = field(default_factory=list)
    cut_packets: int = 0
    """Packets with captured < wire."""
    problems: list["Problem"] = field(default_factory=list)


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
