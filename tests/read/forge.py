"""Capture files made for tests: bytes of any container, and what a reader must find in them."""

import bz2
import gzip
import lzma
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Final

import lz4.frame
import zstandard
from hypothesis import strategies as st

from pcapdiag.read import Capture


@dataclass(frozen=True)
class Seen:
    """One packet as it must be read."""

    frame: int
    time_ns: int
    captured: bytes
    wire: int
    interface: int
    direction: int


@dataclass
class Forged:
    """A file's bytes with the truth."""

    data: bytes = b""
    packets: list[Seen] = field(default_factory=list)
    frames: int = 0
    drops: int = -1
    ends: list[int] = field(default_factory=lambda: [0])
    """Offsets at which the file may end without damage; the first is the least a file must have."""


def read(capture: Capture) -> list[Seen]:
    """Read a capture to its end."""
    found = []
    for batch in capture:
        for index, record in enumerate(batch.records):
            at = int(record["at"])
            found.append(
                Seen(
                    batch.first_number + index,
                    int(record["time_ns"]),
                    batch.data[at : at + int(record["captured"])].tobytes(),
                    int(record["wire"]),
                    int(record["interface"]),
                    int(record["direction"]),
                )
            )
    return found


PACKED: Final[dict[str, Callable[[bytes], bytes]]] = {
    "": bytes,
    "gzip": partial(gzip.compress, mtime=0),
    "zstd": zstandard.compress,
    "lz4": lz4.frame.compress,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
}


def keep(folder: Path, data: bytes, name: str = "x.pcap") -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


bodies = st.binary(max_size=90)
beyond = st.integers(0, 1500)
orders = st.sampled_from("<>")


@st.composite
def pcap_files(draw: st.DrawFn) -> Forged:
    order = draw(orders)
    magic, unit_ns, more = draw(
        st.sampled_from(((0xA1B2C3D4, 1000, 0), (0xA1B23C4D, 1, 0), (0xA1B2CD34, 1000, 8)))
    )
    minor = draw(st.sampled_from((4, 4, 3, 2)))
    snaplen = draw(st.sampled_from((0, 68, 65535, 262144, 2**31, 2**32 - 1)))
    link = draw(st.sampled_from((1, 113, 0x14000001)))
    forged = Forged(struct.pack(order + "IHHiIII", magic, 2, minor, 0, 0, snaplen, link))
    forged.ends = [len(forged.data)]
    for body in draw(st.lists(bodies, max_size=12)):
        seconds, fraction = draw(st.integers(0, 2**32 - 1)), draw(st.integers(0, 999_999))
        wire = len(body) + draw(beyond)
        lengths = (wire, len(body)) if minor < 3 else (len(body), wire)
        forged.data += struct.pack(order + "IIII", seconds, fraction, *lengths) + bytes(more) + body
        forged.frames += 1
        time_ns = seconds * 10**9 + fraction * unit_ns
        forged.packets.append(Seen(forged.frames, time_ns, body, wire, 0, 0))
        forged.ends.append(len(forged.data))
    return forged


def block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def option(order: str, code: int, value: bytes) -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def section_header(order: str, options: bytes = b"") -> bytes:
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + options)


def interface(order: str, link: int = 1, snaplen: int = 0, options: bytes = b"") -> bytes:
    return block(order, 1, struct.pack(order + "HHI", link, 0, snaplen) + options)


def packet(
    order: str, number: int, ticks: int, body: bytes, wire: int, options: bytes = b""
) -> bytes:
    head = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(body), wire)
    return block(order, 6, head + body + bytes(-len(body) % 4) + options)


def time_of(ticks: int, resolution: int | None, offset_s: int) -> int:
    """Nanoseconds since 1970 in exact arithmetic; -1: not in 64 bits."""
    base = (
        10**6
        if resolution is None
        else 2 ** (resolution & 127)
        if resolution & 128
        else 10**resolution
    )
    time_ns = int(Fraction(ticks * 10**9, base) // 1) + offset_s * 10**9
    return time_ns if 0 <= time_ns < 9_223_372_036 * 10**9 else -1


@dataclass
class _Section:
    order: str
    first: int
    clocks: list[tuple[int | None, int, int]] = field(default_factory=list)


@st.composite
def pcapng_files(draw: st.DrawFn, known_to_tshark: bool = False) -> Forged:
    forged = Forged()
    lost: dict[int, int] = {}
    interfaces = 0
    for _ in range(draw(st.integers(1, 3))):
        here = _Section(draw(orders), interfaces)
        forged.data += section_header(here.order)
        forged.ends.append(len(forged.data))
        kinds = st.lists(st.sampled_from("iepeseopxjn"), max_size=10)
        for kind in ["i", *draw(kinds)]:
            if kind == "i":
                forged.data += _draw_interface(draw, here, known_to_tshark)
                interfaces += 1
            elif kind in "epo":
                forged.data += _draw_packet(draw, here, forged, kind)
            elif kind == "s":
                forged.data += _draw_simple(draw, here, forged)
            elif kind == "x":
                number = draw(st.integers(0, len(here.clocks) - 1))
                here_lost = draw(st.tuples(st.integers(0, 2**40), st.integers(0, 2**40)))
                lost[here.first + number] = sum(here_lost)
                options = b"".join(
                    option(here.order, code, struct.pack(here.order + "Q", value))
                    for code, value in zip((5, 7), here_lost, strict=True)
                )
                forged.data += block(
                    here.order, 5, struct.pack(here.order + "III", number, 0, 9) + options
                )
            elif kind == "j":
                forged.data += block(
                    here.order, 0xBAD, struct.pack(here.order + "I", 32473) + b"data"
                )
                forged.frames += 1
            else:
                forged.data += block(here.order, 0x7654, draw(bodies))
            forged.ends.append(len(forged.data))
    forged.ends = forged.ends[1:]
    forged.drops = sum(lost.values()) if lost else -1
    return forged


def _draw_interface(draw: st.DrawFn, here: _Section, known_to_tshark: bool) -> bytes:
    # tshark 4.0 multiplies a fraction of finer clocks by 10^9 in 64 bits, and is wrong then.
    finest, finest_binary = (10, 33) if known_to_tshark else (19, 63)
    resolution = draw(
        st.none() | st.integers(0, finest) | st.integers(0, finest_binary).map(lambda n: n | 128)
    )
    offset = draw(st.sampled_from((0, 0, 3600, -3600, 1_700_000_000)))
    snaplen = draw(st.sampled_from((0, 60, 262144)))
    here.clocks.append((resolution, offset, snaplen))
    options = b""
    if resolution is not None:
        options += option(here.order, 9, bytes([resolution]))
    if offset:
        options += option(here.order, 14, struct.pack(here.order + "q", offset))
    return interface(here.order, draw(st.sampled_from((1, 101, 276))), snaplen, options)


def _draw_packet(draw: st.DrawFn, here: _Section, forged: Forged, kind: str) -> bytes:
    body = draw(bodies)
    wire = len(body) + draw(beyond)
    number = draw(st.integers(0, len(here.clocks) - 1))
    ticks = draw(st.integers(0, 2**64 - 1) | st.integers(0, 2**51))
    resolution, offset, _ = here.clocks[number]
    # tshark adds the offset in 64 bits; only a clock of whole seconds comes near.
    ticks = min(ticks, 2**64 - 1 - max(offset, 0))
    direction = draw(st.sampled_from((0, 0, 1, 2)))
    options = option(here.order, 1, b"said") * draw(st.integers(0, 1))
    if direction:
        options += option(here.order, 2, struct.pack(here.order + "I", direction | 0x1F0))
    forged.frames += 1
    forged.packets.append(
        Seen(
            forged.frames,
            time_of(ticks, resolution, offset),
            body,
            wire,
            here.first + number,
            direction,
        )
    )
    if kind != "o":
        return packet(here.order, number, ticks, body, wire, options)
    head = struct.pack(here.order + "HHII", number, 7, ticks >> 32, ticks & 0xFFFFFFFF)
    lengths = struct.pack(here.order + "II", len(body), wire)
    return block(here.order, 2, head + lengths + body + bytes(-len(body) % 4) + options)


def _draw_simple(draw: st.DrawFn, here: _Section, forged: Forged) -> bytes:
    body = draw(bodies)
    snaplen = here.clocks[0][2]
    wire = len(body)
    if snaplen and wire >= snaplen:
        body, wire = body[:snaplen], wire + 5
    forged.frames += 1
    forged.packets.append(Seen(forged.frames, -1, body, wire, here.first, 0))
    return block(here.order, 3, struct.pack(here.order + "I", wire) + body)


files = pcap_files() | pcapng_files()
