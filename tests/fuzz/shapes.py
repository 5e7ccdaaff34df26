"""Hostile shapes: files in which one thing is there a million times, or as deep as it goes.

`python -m tests.fuzz.shapes [--times N] [NAME...]` writes each, analyses it and prints seconds and MiB.
"""

import argparse
import struct
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.bench.run import PCAPDIAG, run
from tests.read.forge import PACKED, block, interface, packet, section_header

MILLION: Final = 1_000_000
HEADER: Final = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, 1)
MACS: Final = bytes(range(12))
SYN: Final = struct.pack("!HHIIBBHHH", 40000, 80, 1, 0, 0x50, 2, 1000, 0, 0)
PIECE: Final = 10_000
"""Records written at a time, and in each second."""


def ip(number: int, protocol: int, payload: bytes, field: int = 0) -> bytes:
    """Return an IPv4 packet whose source and identification depend on a number."""
    head = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(payload), number & 0xFFFF, field, 64, protocol)
    return head + b"\0\0" + struct.pack("!II", 0x0A000000 + number, 0xC0000201) + payload


def syn(number: int) -> bytes:
    """Return a SYN of a connection of its own."""
    return MACS + b"\x08\0" + ip(number, 6, SYN)


def in_vxlan(number: int) -> bytes:
    """Return the SYN in a virtual network of its own."""
    carried = struct.pack("!II", 0x08000000, number << 8) + syn(number)
    datagram = struct.pack("!HHHH", 50000, 4789, 8 + len(carried), 0) + carried
    return MACS + b"\x08\0" + ip(number, 17, datagram)


def fragment(number: int) -> bytes:
    """Return the first fragment of a datagram that is never completed."""
    return MACS + b"\x08\0" + ip(number, 6, SYN + b"1234", 0x2000)


def data_nobody_acknowledges(number: int) -> bytes:
    """Return new data of one connection, 8 octets further each time, every other one behind a hole."""
    segment = struct.pack("!HHIIBBHHH", 40000, 80, number * 8, 1, 0x50, 24, 1000, 0, 0)
    return MACS + b"\x08\0" + ip(0, 6, segment + b"1234")


def other_mac(number: int) -> bytes:
    """Return an ARP answer of an address of its own."""
    mac = number.to_bytes(6, "big")
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2) + mac + struct.pack("!I", number) + bytes(10)
    return MACS[:6] + mac + b"\x08\x06" + body


def records(make: Callable[[int], bytes], times: int) -> Iterator[bytes]:
    """Yield a pcap with so many frames."""
    yield HEADER
    for first in range(0, times, PIECE):
        frames = [make(number) for number in range(first, min(times, first + PIECE))]
        yield b"".join(
            struct.pack("<IIII", 1_700_000_000 + first // PIECE, 0, len(frame), len(frame)) + frame
            for frame in frames
        )


def one_frame(frame: bytes) -> Iterator[bytes]:
    """Yield a pcapng with one frame, which may be larger than a pcap's."""
    yield section_header("<") + interface("<") + packet("<", 0, 1, frame, len(frame))


def interfaces(times: int) -> Iterator[bytes]:
    """Yield a pcapng with so many interfaces and a packet."""
    yield section_header("<") + interface("<") * times + packet("<", 0, 1, syn(1), 54)


def sections(times: int) -> Iterator[bytes]:
    """Yield a pcapng with so many sections, each with an interface and a packet."""
    yield (section_header("<") + interface("<") + packet("<", 0, 1, syn(1), 54)) * times


def empty_blocks(times: int) -> Iterator[bytes]:
    """Yield a pcapng with so many blocks of a kind that nobody knows."""
    yield section_header("<") + interface("<") + block("<", 0xBAD, b"") * times


def huge_block(_: int) -> Iterator[bytes]:
    """Yield a pcapng whose block says that it is nearly 4 GiB long."""
    yield section_header("<") + interface("<") + struct.pack("<III", 6, 0xFFFFFFF0, 0)


def huge_record(_: int) -> Iterator[bytes]:
    """Yield a pcap whose record says that it is nearly 4 GiB long."""
    yield HEADER + struct.pack("<IIII", 1, 1, 0xFFFFFFF0, 0xFFFFFFF0) + bytes(100)


def tags(times: int) -> Iterator[bytes]:
    """Yield a frame with so many VLAN tags."""
    return one_frame(MACS + b"\x81\0\0\1" * times + syn(1)[12:])


def tunnels(_: int) -> Iterator[bytes]:
    """Yield a frame with as many IP headers in each other as its length allows."""
    whole = ip(1, 6, SYN)
    while len(whole) <= 65_500:
        whole = ip(1, 4, whole)
    return one_frame(MACS + b"\x08\0" + whole)


def bomb(name: str, times: int) -> Iterator[bytes]:
    """Yield a compressed file of nothing but records without octets."""
    yield PACKED[name](HEADER + bytes(1024 * times))


SHAPES: Final[dict[str, Callable[[int], Iterator[bytes]]]] = {
    "connections": lambda times: records(syn, times),
    "virtual networks": lambda times: records(in_vxlan, times),
    "fragments": lambda times: records(fragment, times),
    "unacknowledged": lambda times: records(data_nobody_acknowledges, times),
    "neighbours": lambda times: records(other_mac, times),
    "interfaces": interfaces,
    "sections": sections,
    "unknown blocks": empty_blocks,
    "huge block": huge_block,
    "huge record": huge_record,
    "tags": tags,
    "tunnels": tunnels,
} | {f"{name} bomb": lambda times, name=name: bomb(name, times) for name in sorted(PACKED) if name}


def write(path: Path, name: str, times: int) -> None:
    """Write one shape."""
    with path.open("wb") as out:
        for piece in SHAPES[name](times):
            out.write(piece)


def main() -> None:
    """Analyse the shapes named, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=MILLION)
    parser.add_argument("names", nargs="*", default=list(SHAPES))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "shape.pcap")
        for name in arguments.names:
            write(path, name, arguments.times)
            command = (*PCAPDIAG, "analyze", str(path), "--format", "json")
            cost = run(("sh", "-c", 'exec "$@" || [ $? -le 2 ]', "sh", *command))
            size = path.stat().st_size / 1e6
            print(
                f"{name:18}{size:8.1f} MB{cost.wall_s:8.1f} s{cost.cpu_s:8.1f} s CPU{cost.peak_mib:8.0f} MiB",
                flush=True,
            )


if __name__ == "__main__":
    main()
