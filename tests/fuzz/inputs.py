"""Inputs for the fuzz target: seeds of every container, and changes that make them hostile."""

import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from pcapdiag.read.pcap_variants import AIX, IXIA_HARDWARE, NOKIA, PATCHED, PATCHED_SMP, USUAL
from tests.read import test_snoop
from tests.read.forge import PACKED, block, interface, option, packet, section_header
from tests.read.forge_nstrace import Told, Trace
from tests.read.test_pcap_variants import write

CORPUS: Final = Path(__file__).with_name("corpus")
"""Inputs that once failed, and such that random changes hardly make."""

ODD_WORDS: Final = (
    b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\0\0\0\0", b"\x01\0\0\0", b"\0\0\0\x01",
    b"\0\0\1\0", b"\0\0\0\4", b"\x0a\x0d\x0d\x0a", b"\x06\0\0\0", b"\x03\0\0\0", b"\0\0\xff\xff",
)  # fmt: skip
LONGEST: Final = 1 << 16


def frame(number: int) -> bytes:
    """Return an Ethernet frame with a TCP segment."""
    ethernet = bytes(range(12)) + b"\x08\0"
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, 44, number, 0, 64, 6, 0, 0xC0000201, 0xC6336405)
    tcp = struct.pack(">HHIIBBHHHBBH", 40000, 25, number, 0, 0x60, 2, 8192, 0, 0, 2, 4, 1460)
    return ethernet + ip + tcp


def seeds() -> list[bytes]:
    """Return small captures of every kind, and the corpus."""
    frames = [frame(number) for number in range(4)]
    found = [write(order, each, frames) for order in "<>" for each in (USUAL, IXIA_HARDWARE)]
    found += [write("<", each, frames) for each in (AIX, NOKIA, PATCHED, PATCHED_SMP)]
    for order in "<>":
        data = section_header(order, option(order, 1, b"said")) + interface(order)
        data += interface(order, 276, 96, option(order, 9, b"\x89") + option(order, 14, bytes(8)))
        for number, body in enumerate(frames):
            data += packet(order, number & 1, number << 20, body, 90, option(order, 2, b"\0\0\0\1"))
        data += block(order, 3, struct.pack(order + "I", 58) + frames[0])
        data += block(order, 2, struct.pack(order + "HHIIII", 0, 0, 0, 0, 4, 4) + b"abcd")
        data += block(order, 5, struct.pack(order + "III", 0, 0, 0) + option(order, 5, bytes(8)))
        data += block(order, 0xBAD, b"any") + block(order, 0xA, b"secret") + block(order, 4, b"")
        found.append(data + section_header("<>"[order == "<"]))
    found.append(test_snoop.HEADER + b"".join(test_snoop.record(each, 90) for each in frames))
    for revision in (10, 22, 26, 30, 35):
        trace = Trace(revision)
        for each in frames:
            trace.packet(each, 7, Told(names=(b"from", b"to"), nodes=(1, 2)))
        found.append(trace.data)
    found += [pack(found[0]) for name, pack in sorted(PACKED.items()) if name]
    return found + [path.read_bytes() for path in sorted(CORPUS.iterdir())]


def inputs(seed: int) -> Iterator[bytes]:
    """Yield inputs without end, the same ones for the same seed."""
    chance = random.Random(seed)
    known = seeds()
    yield from known
    while True:
        data = chance.choice(known)
        packed = chance.random() < 0.1
        for _ in range(chance.choice((1, 1, 2, 3, 8))):
            data = chance.choice(CHANGES)(chance, data, chance.choice(known))
        yield PACKED[chance.choice(sorted(PACKED))](data) if packed else data


Change = Callable[[random.Random, bytes, bytes], bytes]


def _flip(chance: random.Random, data: bytes, other: bytes) -> bytes:
    at = chance.randrange(len(data) or 1)
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def _word(chance: random.Random, data: bytes, other: bytes) -> bytes:
    at = chance.randrange(len(data) // 4 + 1) * 4
    return data[:at] + chance.choice(ODD_WORDS) + data[at + 4 :]


def _cut(chance: random.Random, data: bytes, other: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _splice(chance: random.Random, data: bytes, other: bytes) -> bytes:
    at, begin = chance.randrange(len(data) + 1), chance.randrange(len(other) + 1)
    return (data[:at] + other[begin:])[:LONGEST]


def _repeat(chance: random.Random, data: bytes, other: bytes) -> bytes:
    begin = chance.randrange(len(data) // 4 + 1) * 4
    end = begin + chance.randrange(1, 60) * 4
    return (data[:begin] + data[begin:end] * chance.randrange(2, 200) + data[end:])[:LONGEST]


CHANGES: Final[tuple[Change, ...]] = (_flip, _flip, _word, _word, _word, _cut, _splice, _repeat)
