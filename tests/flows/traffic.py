"""Random TCP traffic from a seed: whole connections that are then lost, repeated and reordered.

Each capture holds several connections, mixed.  Nothing in it must make sense to a TCP: what counts
is that another program can be asked about the same packets.
"""

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from tests.flows.stories import ACK, FIN, PSH, RST, SYN, Packet

MASK: Final = 0xFFFFFFFF
SCALE: Final = bytes([1, 3, 3])
SIZES: Final = (1, 1, 2, 100, 100, 536, 1460, 1460, 4000)


@dataclass
class Connection:
    """Two ends that send to each other; `packets` is what a wire between them would show."""

    choose: random.Random
    ends: tuple[str, int, str, int]
    at_ms: float
    packets: list[Packet] = field(default_factory=list)

    def __post_init__(self) -> None:
        near_wrap = self.choose.random() < 0.3
        self.next = [
            (0x1_0000_0000 - self.choose.randrange(3000)) & MASK
            if near_wrap
            else self.choose.randrange(1 << 32)
            for _ in range(2)
        ]
        self.seen = list(reversed(self.next))
        self.window = [self.choose.choice((200, 1000, 8192, 65535)) for _ in range(2)]
        self.pace = self.choose.choice((0.2, 2.0, 10.0, 60.0))

    def send(
        self, side: int, flags: int, size: int = 0, seq: int | None = None, options: bytes = b""
    ) -> None:
        """Send a packet; the other side acknowledges with its next one."""
        self.at_ms += self.choose.random() * self.pace
        start = self.next[side] if seq is None else seq & MASK
        acks = self.seen[side] if flags & ACK else 0
        self.packets.append(
            Packet(
                self.at_ms,
                flags,
                start,
                acks,
                bytes(size),
                bool(side),
                self.ends,
                window=self.window[side],
                options=options,
            )
        )
        if seq is None:
            self.next[side] = (start + size + (1 if flags & (SYN | FIN) else 0)) & MASK

    def acknowledge(self, side: int) -> None:
        """Let a side take in everything that the other has sent."""
        self.seen[side] = self.next[1 - side]

    def shake(self) -> None:
        """Begin: usual, simultaneous, with data in the SYN, or not at all."""
        kind = self.choose.random()
        scales = [
            SCALE + bytes([self.choose.randrange(4)]) if self.choose.random() < 0.7 else b""
            for _ in range(2)
        ]
        if kind < 0.15:
            self.seen = [self.next[1], self.next[0]]
            return
        self.send(0, SYN, 300 if kind < 0.25 else 0, options=scales[0])
        if kind > 0.92:
            self.send(1, SYN, options=scales[1])
            self.acknowledge(0)
            self.send(0, SYN | ACK, seq=self.next[0] - 1, options=scales[0])
        self.acknowledge(1)
        if kind > 0.92:
            self.send(1, SYN | ACK, seq=self.next[1] - 1, options=scales[1])
        else:
            self.send(1, SYN | ACK, options=scales[1])
        self.acknowledge(0)
        self.send(0, ACK)

    def talk(self) -> None:
        """Do one thing that happens on established connections."""
        choose = self.choose
        side = choose.randrange(2)
        other = 1 - side
        kind = choose.random()
        if kind < 0.45:
            for _ in range(choose.randrange(1, 5)):
                self.send(side, ACK | PSH, choose.choice(SIZES))
            if choose.random() < 0.8:
                self.acknowledge(other)
                self.send(other, ACK)
        elif kind < 0.6:
            for _ in range(choose.randrange(1, 4)):
                self.send(side, ACK)
        elif kind < 0.7:
            self.send(side, ACK, choose.randrange(2), seq=self.next[side] - 1)
            if choose.random() < 0.8:
                self.send(other, ACK)
        elif kind < 0.8:
            self.starve(side)
        elif kind < 0.85:
            self.window[side] = choose.choice((0, 100, 1000, 65535))
            self.send(side, ACK)
        elif kind < 0.9:
            self.send(side, ACK, choose.choice(SIZES), seq=self.next[side] - choose.randrange(3000))
        elif kind < 0.95:
            self.acknowledge(side)
            self.send(side, ACK)
        else:
            self.at_ms += choose.choice((1, 30, 500, 20_000))

    def starve(self, side: int) -> None:
        """Close a side's window, probe it, open it again."""
        choose = self.choose
        before = self.window[side]
        self.acknowledge(side)
        self.window[side] = 0
        self.send(side, ACK)
        for _ in range(choose.randrange(1, 4)):
            self.send(1 - side, ACK, 1, seq=self.next[1 - side])
            if choose.random() < 0.3:
                self.seen[side] = (self.seen[side] + 1) & MASK
            self.send(side, ACK)
        self.window[side] = before
        self.send(side, ACK)
        if choose.random() < 0.5:
            self.next[1 - side] = self.seen[side]

    def end(self) -> None:
        """Close with FINs, with an RST, or not at all."""
        kind = self.choose.random()
        if kind < 0.5:
            for side in (0, 1):
                self.send(side, FIN | ACK)
                self.acknowledge(1 - side)
                self.send(1 - side, ACK)
        elif kind < 0.8:
            side = self.choose.randrange(2)
            self.send(side, self.choose.choice((RST, RST | ACK)))
            if self.choose.random() < 0.4:
                self.send(side, RST)


def connection(choose: random.Random, ends: tuple[str, int, str, int], at_ms: float) -> Connection:
    """Return a whole connection."""
    made = Connection(choose, ends, at_ms)
    made.shake()
    for _ in range(choose.randrange(25)):
        made.talk()
    made.end()
    return made


def spoiled(choose: random.Random, packets: list[Packet]) -> Iterator[Packet]:
    """Yield packets with some lost, repeated, delayed."""
    loss, twice, late = (choose.choice((0.0, 0.02, 0.15)) for _ in range(3))
    for packet in packets:
        if choose.random() < loss:
            continue
        yield packet
        if choose.random() < twice:
            yield moved(packet, choose.choice((0.1, 2.0, 10.0, 300.0)))
        if choose.random() < late:
            yield moved(packet, choose.choice((0.5, 2.5, 5.0, 40.0)))


def moved(packet: Packet, later_ms: float) -> Packet:
    """Return a packet as it comes some time later."""
    return replace(packet, at_ms=packet.at_ms + later_ms)


def traffic(seed: int, connections: int = 12) -> list[Packet]:
    """Return the packets of several connections in the order of their time."""
    choose = random.Random(seed)
    packets: list[Packet] = []
    for number in range(connections):
        port = 40000 + number
        ends = ("192.0.2.1", port, "198.51.100.1", 80)
        if number % 4 == 3:
            ends = ("2001:db8::1", port, "2001:db8::2", 80)
        at_ms = choose.random() * 50
        for _ in range(choose.choice((1, 1, 1, 2, 3))):
            made = connection(choose, ends, at_ms)
            packets += spoiled(choose, made.packets)
            at_ms = made.at_ms + 1
    return sorted(packets, key=lambda packet: packet.at_ms)


def write(path: Path, packets: list[Packet]) -> None:
    """Write packets as a capture."""
    write_frames(path, [(packet.at_ms, packet.frame()) for packet in packets])


def write_frames(path: Path, frames: list[tuple[float, bytes]], snaplen: int = 262_144) -> None:
    """Write frames and their times, ms, as a capture with nanoseconds."""
    data = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, snaplen, 1)
    for at_ms, frame in frames:
        at_ns = 1_700_000_000_000_000_000 + round(at_ms * 1000) * 1000
        seconds, rest = divmod(at_ns, 1_000_000_000)
        data += struct.pack("<IIII", seconds, rest, min(len(frame), snaplen), len(frame))
        data += frame[:snaplen]
    path.write_bytes(data)
