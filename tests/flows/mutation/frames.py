"""A capture as a list of frames, and where in a frame its TCP header is.

Independent of the program's own layers: only Ethernet with VLAN tags, Linux cooked, NULL and raw IP.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pcapdiag.read import Unreadable, open_capture

LINKS: Final = {0: 4, 1: 14, 12: 0, 101: 0, 108: 4, 113: 16, 276: 20}
"""Link type -> octets before IP."""
ETHERNET: Final = 1
TAGS: Final = (0x8100, 0x88A8, 0x9100)
TCP: Final = 6
LARGEST: Final = 262_144


@dataclass(frozen=True)
class Frame:
    """One captured frame."""

    time_ns: int
    data: bytes
    wire: int
    """Octets before it was cut."""

    def with_data(self, data: bytes) -> "Frame":
        """Return the frame with other octets; what was cut off stays cut off."""
        return replace(self, data=data, wire=max(len(data), self.wire + len(data) - len(self.data)))

    def later(self, ns: int) -> "Frame":
        """Return the frame as it comes later."""
        return replace(self, time_ns=self.time_ns + ns)


@dataclass(frozen=True)
class Strange:
    """A whole capture of one link type."""

    link_type: int
    frames: list[Frame]


def load(path: Path, most: int) -> Strange | None:
    """Return the first frames of a capture; None: not readable, empty or of several link types."""
    try:
        capture = open_capture(str(path), compiled=False)
    except Unreadable:
        return None
    frames: list[Frame] = []
    for batch in capture:
        for record in batch.records[: most - len(frames)]:
            at = int(record["at"])
            data = batch.data[at : at + int(record["captured"])].tobytes()
            frames.append(Frame(max(0, int(record["time_ns"])), data, int(record["wire"])))
        if len(frames) >= most:
            break
    kinds = {interface.link_type for interface in capture.interfaces}
    if not frames or len(kinds) != 1:
        return None
    return Strange(kinds.pop(), frames)


def write(path: Path, capture: Strange, snaplen: int = LARGEST) -> None:
    """Write a capture with nanoseconds."""
    parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, LARGEST, capture.link_type)]
    for frame in capture.frames:
        seconds, rest = divmod(max(0, frame.time_ns), 10**9)
        data = frame.data[:snaplen]
        parts += [struct.pack("<IIII", seconds, rest, len(data), max(frame.wire, len(data))), data]
    path.write_bytes(b"".join(parts))


@dataclass(frozen=True)
class Place:
    """Where IP and TCP lie in a frame."""

    ip: int
    version: int
    tcp: int
    end: int
    """Of the IP packet; the frame's when its length is unknown or beyond it."""
    options_end: int

    def key(self, data: bytes) -> tuple[bytes, bytes]:
        """Return source and destination, each address and port."""
        at, size = (self.ip + 12, 4) if self.version == 4 else (self.ip + 8, 16)
        source, destination = data[at : at + size], data[at + size : at + 2 * size]
        return source + data[self.tcp : self.tcp + 2], destination + data[
            self.tcp + 2 : self.tcp + 4
        ]


def find_ip(link_type: int, data: bytes) -> int:
    """Return where IP begins; -1: not found."""
    at = LINKS.get(link_type, -1)
    if at < 0 or len(data) < at + 20:
        return -1
    if link_type == ETHERNET:
        kind = data[12] << 8 | data[13]
        while kind in TAGS and at + 24 < len(data):
            kind = data[at + 2] << 8 | data[at + 3]
            at += 4
        if kind not in (0x0800, 0x86DD):
            return -1
    return at if data[at] >> 4 in (4, 6) else -1


def find(link_type: int, data: bytes) -> Place | None:
    """Return where the TCP header is, when it is there as a whole and not in a fragment."""
    at = find_ip(link_type, data)
    if at < 0:
        return None
    version = data[at] >> 4
    if version == 4:
        tcp = at + (data[at] & 15) * 4
        length = data[at + 2] << 8 | data[at + 3]
        if data[at + 9] != TCP or (data[at + 6] << 8 | data[at + 7]) & 0x3FFF:
            return None
    else:
        tcp = at + 40
        if len(data) < tcp or data[at + 6] != TCP:
            return None
        length = 40 + (data[at + 4] << 8 | data[at + 5])
    end = min(len(data), at + length) if length else len(data)
    if tcp < at + 20 or tcp + 20 > end:
        return None
    options_end = tcp + (data[tcp + 12] >> 4) * 4
    if not tcp + 20 <= options_end <= end:
        return None
    return Place(at, version, tcp, end, options_end)


def resized(data: bytes, place: Place, change: int) -> bytearray:
    """Return a frame whose IP header says so many octets more (fewer when negative)."""
    made = bytearray(data)
    at = place.ip + (2 if place.version == 4 else 4)
    (length,) = struct.unpack_from("!H", made, at)
    struct.pack_into("!H", made, at, max(0, min(65535, length + change)) if length else 0)
    return made


def places(capture: Strange) -> Iterator[tuple[int, Frame, Place]]:
    """Yield the number of each frame with TCP, the frame and where it lies."""
    for number, frame in enumerate(capture.frames):
        place = find(capture.link_type, frame.data)
        if place is not None:
            yield number, frame, place
