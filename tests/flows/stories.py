"""Small captures made in memory: TCP packets, and what the flow table says of them."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.build import read_traffic
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import FlowTable
from pcapdiag.read import RECORD, Account, Batch, Interface

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
ETHERNET: Final = 1
START_NS: Final = 1_700_000_000_000_000_000
MS: Final = 1_000_000
CLIENT: Final = "198.51.100.7"
SERVER: Final = "203.0.113.10"
CLIENT_MAC, ROUTER_MAC, BALANCER_MAC, SERVER_MAC = 0x0A, 0x0B, 0x0C, 0x0D


@dataclass(frozen=True)
class Packet:
    """One TCP packet in an Ethernet frame; the defaults are the client's to the server."""

    at_ms: float
    flags: int
    seq: int = 0
    ack: int = 0
    payload: bytes = b""
    back: bool = False
    """From the server to the client."""
    ends: tuple[str, int, str, int] = (CLIENT, 40000, SERVER, 25)
    macs: tuple[int, int] = (CLIENT_MAC, BALANCER_MAC)
    """Of packets to the server."""
    vlan: int | None = None
    ttl: int = 64
    ip_id: int = 0
    window: int = 1000
    options: bytes = b""
    cut: int | None = None
    """Bytes of the frame that were captured."""
    interface: int = 0

    def frame(self) -> bytes:
        """Return the whole frame."""
        source, source_port, destination, port = self.ends
        sender, receiver = self.macs
        if self.back:
            source, source_port, destination, port = destination, port, source, source_port
            sender, receiver = receiver, sender
        options = self.options + bytes(-len(self.options) % 4)
        words = 5 + len(options) // 4
        tcp = struct.pack(
            "!HHIIBBHHH",
            *(source_port, port, self.seq & 0xFFFFFFFF, self.ack & 0xFFFFFFFF),
            *(words << 4, self.flags, self.window, 0, 0),
        )
        tcp += options + self.payload
        ends = ip_address(source).packed + ip_address(destination).packed
        if len(ends) == 8:
            length = 20 + len(tcp)
            ip = struct.pack("!BBHHHBBH", 0x45, 0, length, self.ip_id, 0, self.ttl, 6, 0) + ends
        else:
            ip = struct.pack("!IHBB", 6 << 28, len(tcp), 6, self.ttl) + ends
        link = receiver.to_bytes(6, "big") + sender.to_bytes(6, "big")
        if self.vlan is not None:
            link += struct.pack("!HH", 0x8100, self.vlan)
        return link + (b"\x08\x00" if len(ends) == 8 else b"\x86\xdd") + ip + tcp


@dataclass
class Frames:
    """A capture of frames as the reader hands it over."""

    frames: list[tuple[float, bytes, int | None, int]]
    link_type: int = ETHERNET
    name: str = "story"
    batch: int = 1000
    account: Account = field(default_factory=Account)
    size: int = 0
    done: int = 0
    compiled: bool = False

    def __post_init__(self) -> None:
        self.interfaces = [Interface(self.link_type, 0)] * 2

    def again(self) -> "Frames":
        return replace(self)

    def __iter__(self) -> Iterator[Batch]:
        for first in range(0, len(self.frames), self.batch):
            part = self.frames[first : first + self.batch]
            records = np.zeros(len(part), RECORD)
            data = b""
            for record, (at_ms, frame, cut, interface) in zip(records, part, strict=True):
                kept = frame if cut is None else frame[:cut]
                record["at"], record["captured"], record["wire"] = len(data), len(kept), len(frame)
                record["time_ns"] = START_NS + round(at_ms * MS) if at_ms >= 0 else -1
                record["interface"] = interface
                data += kept
            yield Batch(
                np.frombuffer(bytearray(data), np.uint8), records, first * 10_000, first + 1
            )


def capture(packets: list[Packet], **choices: Any) -> Frames:
    """Return packets as a capture."""
    return Frames([(p.at_ms, p.frame(), p.cut, p.interface) for p in packets], **choices)


def traffic(packets: list[Packet], compiled: bool = False) -> Traffic:
    """Return what the pass makes of packets."""
    return read_traffic([capture(packets)], compiled=compiled)


def rows(found: Traffic, table: str) -> NDArray[Any]:
    """Return the records of one of its tables."""
    held = getattr(found, table)
    records: NDArray[Any] = held.records if isinstance(held, FlowTable) else held
    return records


def flows(packets: list[Packet]) -> Any:
    """Return the flow table of packets."""
    return traffic(packets).flows.records


def only(packets: list[Packet]) -> Any:
    """Return the one record of packets that make one flow without copies."""
    (flow,) = flows(packets)
    return flow


def handshake(at_ms: float = 0.0, **choices: Any) -> list[Packet]:
    """Return SYN, SYN-ACK and ACK; the client's numbers begin at 100, the server's at 500."""
    packets = [
        Packet(at_ms, SYN, 100),
        Packet(at_ms + 10, SYN | ACK, 500, 101, back=True),
        Packet(at_ms + 20, ACK, 101, 501),
    ]
    return [replace(packet, **choices) for packet in packets]


def says(at_ms: float, seq: int, ack: int, payload: bytes, back: bool = False) -> Packet:
    """Return a packet with payload."""
    return Packet(at_ms, PSH | ACK, seq, ack, payload, back)


def dialogue() -> list[Packet]:
    """Return a whole connection: greeting, command, answer, close."""
    return [
        *handshake(),
        says(30, 501, 101, b"220 mail ready\r\n", back=True),
        says(40, 101, 517, b"QUIT\r\n"),
        says(50, 517, 107, b"221 bye\r\n", back=True),
        Packet(60, FIN | ACK, 526, 107, back=True),
        Packet(70, FIN | ACK, 107, 527),
        Packet(80, ACK, 527, 108, back=True),
    ]


def kinds(found: Traffic) -> list[str]:
    """Return the kinds of the events, in order."""
    from pcapdiag.flows.events import EVENT_KINDS

    return [EVENT_KINDS[kind] for kind in found.events["kind"]]
