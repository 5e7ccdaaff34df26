"""TCP and IP headers of single packets with other values: windows, numbers, flags, options, lengths."""

import random
import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tests.flows.mutation.frames import Frame, Place, Strange, places, resized

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
SHARES: Final = (0.02, 0.1, 0.5)
OPTIONS: Final = (
    b"\x01", b"\x00", b"\x02\x04\x05\xb4", b"\x02\x04\x00\x00", b"\x02\x05\x05\xb4\x00", b"\x02\x02",
    b"\x03\x03\x00", b"\x03\x03\x07", b"\x03\x03\x0e", b"\x03\x03\xff", b"\x03\x02", b"\x03\x04\x02\x02",
    b"\x04\x02", b"\x04\x00", b"\x05\x0a" + bytes(8), b"\x05\x12" + bytes(range(16)),
    b"\x05\x0b" + bytes(9), b"\x08\x0a" + bytes(8), b"\x08\x0a" + bytes(range(8)),
    b"\x08\x06" + bytes(4), b"\x13\x12" + bytes(16), b"\x1e\x0c" + bytes(10), b"\x22\x02",
    b"\x22\x0a" + bytes(8), b"\xfd\x00", b"\xfe\x04\xf9\x89", b"\xff\xff", b"\x1c\x04\x00\x05",
    b"\x0e\x03\x00", b"\x1b\x08" + bytes(6), b"\x4c\x0a" + bytes(8),
)  # fmt: skip
Change = Callable[[random.Random, Frame, Place], Frame | list[Frame]]
Mutation = Callable[[random.Random, Strange], Strange]


def some(change: Change, shares: tuple[float, ...] = SHARES) -> Mutation:
    """Return the mutation that changes some of the TCP packets."""

    def mutation(choose: random.Random, capture: Strange) -> Strange:
        share = choose.choice(shares)
        found = {number: place for number, _, place in places(capture)}
        frames: list[Frame] = []
        for number, frame in enumerate(capture.frames):
            if number not in found or choose.random() >= share:
                frames.append(frame)
                continue
            made = change(choose, frame, found[number])
            frames += made if isinstance(made, list) else [made]
        return replace(capture, frames=frames)

    mutation.__name__ = change.__name__
    return mutation


def put(frame: Frame, at: int, form: str, value: int) -> Frame:
    """Return a frame with another number at an offset."""
    made = bytearray(frame.data)
    struct.pack_into("!" + form, made, at, value & (256 ** struct.calcsize("!" + form) - 1))
    return replace(frame, data=bytes(made))


def get(frame: Frame, at: int, form: str) -> int:
    """Return the number at an offset."""
    (value,) = struct.unpack_from("!" + form, frame.data, at)
    return int(value)


def bare(frame: Frame, place: Place, payload: bytes = b"") -> Frame:
    """Return a packet with another payload and no options."""
    data = resized(frame.data, place, len(payload) - (place.end - place.tcp - 20))
    data[place.tcp + 12] = 0x50
    made = bytes(data[: place.tcp + 20]) + payload
    return replace(frame, data=made, wire=len(made))


def window(choose: random.Random, frame: Frame, place: Place) -> Frame:
    """Offer another window."""
    return put(frame, place.tcp + 14, "H", choose.choice((0, 0, 1, 10, 500, 0xFFFF)))


def flags(choose: random.Random, frame: Frame, place: Place) -> Frame:
    """Set one of the flags, or all, or take one away."""
    before = frame.data[place.tcp + 13]
    after = choose.choice((before ^ 1 << choose.randrange(8), choose.randrange(256), 0, 255))
    return put(frame, place.tcp + 13, "B", after)


def close(choose: random.Random, frame: Frame, place: Place) -> Frame:
    """Set FIN or RST, with or without ACK."""
    return put(
        frame, place.tcp + 13, "B", choose.choice((FIN | ACK, FIN, RST, RST | ACK, FIN | SYN))
    )


def reserved(choose: random.Random, frame: Frame, place: Place) -> Frame:
    """Set reserved bits, ECN bits and the urgent pointer."""
    frame = put(frame, place.tcp + 12, "B", frame.data[place.tcp + 12] | choose.randrange(16))
    frame = put(frame, place.tcp + 13, "B", frame.data[place.tcp + 13] | choose.randrange(8) << 5)
    return put(frame, place.tcp + 18, "H", choose.choice((0, 1, 0xFFFF)))


def near(choose: random.Random) -> int:
    """Return a number that shifts a sequence number a little, a lot, or by half its range."""
    return choose.choice(
        (-1, 1, -2, 2, -100, 1460, -1460, 100_000, 1 << 31, (1 << 31) - 1, -(1 << 30))
    )


def sequence(choose: random.Random, frame: Frame, place: Place) -> Frame:
    """Shift a sequence number."""
    return put(frame, place.tcp + 4, "I", get(frame, place.tcp + 4, "I") + near(choose))


def acknowledgement(choose: random.Random, frame: Frame, place: Place) -> Frame:
    """Shift an acknowledgement, or make it 0."""
    value = get(frame, place.tcp + 8, "I") + near(choose) if choose.random() < 0.8 else 0
    return put(frame, place.tcp + 8, "I", value)


def header_length(choose: random.Random, frame: Frame, place: Place) -> Frame:
    """Say another length of the TCP header."""
    low = frame.data[place.tcp + 12] & 15
    return put(frame, place.tcp + 12, "B", choose.randrange(16) << 4 | low)


def ip_length(choose: random.Random, frame: Frame, place: Place) -> Frame:
    """Say another length of the IP packet."""
    at = place.ip + (2 if place.version == 4 else 4)
    before = get(frame, at, "H")
    least = 20 if place.version == 4 else 1
    lengths = [1, 2, least, least + 1, least + 19, least + 20, before - 8, before - 1, before + 1]
    if place.version == 4:
        lengths += [0, 0]
    return put(frame, at, "H", choose.choice([*lengths, before + 40, 0xFFFF]))


def ip_header(choose: random.Random, frame: Frame, place: Place) -> Frame:
    """Say another version or header length, fragment bits, or protocol."""
    at, value = choose.choice(
        (
            (place.ip, choose.randrange(256)),
            (place.ip, 0x40 | choose.randrange(16)),
            (place.ip + 6, choose.choice((0x80, 0x40, 0x20, 0x60, 0x00))),
            (place.ip + 9, choose.randrange(256)),
            (place.ip + 8, 0),
        )
    )
    return put(frame, at, "B", value)


def ip_options(choose: random.Random, frame: Frame, place: Place) -> Frame:
    """Insert options of IPv4, or extension headers of IPv6."""
    data = resized(frame.data, place, 0)
    if place.version == 4:
        words = choose.randrange(1, 11)
        if place.tcp - place.ip != 20:
            return frame
        added = (
            choose.choice((b"\x01" * 4, b"\x07\x04\x08\x00", b"\0" * 4, b"\xff\xff\xff\xff"))
            * words
        )
        data = resized(frame.data, place, len(added))
        data[place.ip] = 0x45 + words
        return frame.with_data(bytes(data[: place.tcp]) + added + bytes(data[place.tcp :]))
    added, following = b"", 6
    for _ in range(choose.randrange(1, 5)):
        kind = choose.choice((0, 43, 60, 44, 51))
        words = choose.randrange(3)
        body = b"\x01" + bytes([words * 8 + 4]) + bytes(words * 8 + 4)
        if kind == 44:
            added = struct.pack("!BBHI", following, 0, choose.choice((0, 6)), 77) + added
        elif kind == 51:
            added = struct.pack("!BBHII", following, 2, 0, 1, 1) + bytes(4) + added
        elif kind == 43:
            added = struct.pack("!BBBBI", following, 2, 4, 0, 0) + bytes(16) + added
        else:
            added = bytes([following, words]) + body + added
        following = kind
    data = resized(frame.data, place, len(added))
    data[place.ip + 6] = following
    return frame.with_data(bytes(data[: place.tcp]) + added + bytes(data[place.tcp :]))


def trailer(choose: random.Random, frame: Frame, place: Place) -> Frame:
    """Let octets follow the IP packet."""
    added = choose.choice((b"\0", b"\xff")) * choose.choice((1, 2, 3, 4, 6, 18, 60))
    return replace(
        frame, data=frame.data + added, wire=max(frame.wire, len(frame.data) + len(added))
    )


def options(choose: random.Random, frame: Frame, place: Place) -> Frame:
    """Give a packet other options: usual, in odd numbers, malformed."""
    chosen = b"".join(choose.choice(OPTIONS) for _ in range(choose.randrange(1, 8)))
    chosen = (chosen + bytes(-len(chosen) % 4))[:40]
    data = resized(frame.data, place, len(chosen) - (place.options_end - place.tcp - 20))
    data[place.tcp + 12] = 0x50 + len(chosen) // 4 * 16 | data[place.tcp + 12] & 15
    head, rest = bytes(data[: place.tcp + 20]), bytes(data[place.options_end :])
    return frame.with_data(head + chosen + rest)


def payload(choose: random.Random, frame: Frame, place: Place) -> Frame:
    """Give a packet another payload: none, an octet, a few."""
    return bare(frame, place, bytes(choose.choice((0, 0, 1, 1, 2, 5, 300))))


def syn_data(choose: random.Random, frame: Frame, place: Place) -> Frame:
    """Put payload and a fast open cookie into SYNs."""
    if not frame.data[place.tcp + 13] & SYN:
        return frame
    made = bare(frame, place, bytes(choose.choice((0, 1, 300))))
    moved = find_again(made, place)
    return cookie(made, moved) if choose.random() < 0.5 else made


def find_again(frame: Frame, place: Place) -> Place:
    """Return the place of a packet whose options were taken away."""
    return replace(place, end=len(frame.data), options_end=place.tcp + 20)


def cookie(frame: Frame, place: Place) -> Frame:
    """Return a packet with a fast open cookie and nothing else as options."""
    data = resized(frame.data, place, 12)
    data[place.tcp + 12] = 0x80
    added = b"\x22\x0a" + bytes(range(8)) + b"\x01\x01"
    return frame.with_data(bytes(data[: place.tcp + 20]) + added + bytes(data[place.tcp + 20 :]))


HEADERS: Final = (
    *(
        some(change)
        for change in (
            window, flags, close, reserved, sequence, acknowledgement, header_length, ip_length,
            ip_header, ip_options, trailer, options, payload,
        )
    ),
    some(syn_data, (1.0,)),
)  # fmt: skip
