"""Whole connections changed: scaling, windows, the range of their numbers, their ports."""

import random
from dataclasses import replace
from typing import Final

from tests.flows.mutation.frames import Strange, find, places
from tests.flows.mutation.headers import ACK, SYN, get, put

MS: Final = 1_000_000


def scale(choose: random.Random, capture: Strange) -> Strange:
    """Offer other window scales in SYNs, or none, on one side or both; windows follow."""
    frames = list(capture.frames)
    for number, frame, place in places(capture):
        if frame.data[place.tcp + 13] & SYN and choose.random() < 0.7:
            value = choose.choice((0, 1, 7, 14, 15, 32, 255, None))
            data = bytearray(frame.data)
            at = data.find(b"\x03\x03", place.tcp + 20, place.options_end)
            if at >= 0:
                data[at : at + 3] = b"\x01\x01\x01" if value is None else bytes([3, 3, value])
            frames[number] = replace(frame, data=bytes(data))
        elif choose.random() < 0.2:
            frames[number] = put(frame, place.tcp + 14, "H", choose.choice((1, 7, 100, 1460)))
    return replace(capture, frames=frames)


def window_edge(choose: random.Random, capture: Strange) -> Strange:
    """Shrink windows so that the next segment of the other side just fills them."""
    frames = list(capture.frames)
    last: dict[tuple[bytes, bytes], int] = {}
    for number, frame, place in places(capture):
        source, destination = place.key(frame.data)
        before = last.get((destination, source), -1)
        size = place.end - place.options_end
        if before >= 0 and size > 0 and choose.random() < 0.5:
            other = find(capture.link_type, frames[before].data)
            if other is not None:
                frames[before] = put(frames[before], other.tcp + 14, "H", size)
        last[source, destination] = number
    return replace(capture, frames=frames)


def wrap_sequence(choose: random.Random, capture: Strange) -> Strange:
    """Shift all numbers of each direction, so that they pass 2^32 (or 2^31) early."""
    turn = choose.choice((1 << 32, 1 << 31))
    shifts: dict[bytes, int] = {}
    frames = list(capture.frames)
    for number, frame, place in places(capture):
        source, destination = place.key(frame.data)
        for key, at in ((source + destination, 4), (destination + source, 8)):
            value = get(frames[number], place.tcp + at, "I")
            if at == 8 and not frame.data[place.tcp + 13] & ACK:
                continue
            if key not in shifts:
                shifts[key] = turn - value - choose.choice((0, 1, 2, 100, 1500, 20_000))
            frames[number] = put(frames[number], place.tcp + at, "I", value + shifts[key])
    return replace(capture, frames=frames)


def new_numbers(choose: random.Random, capture: Strange) -> Strange:
    """Play the capture again from the same ports with other numbers, some of them the same."""
    shift = choose.choice((1, 1000, 1 << 31, 123_456_789))
    after = max(f.time_ns for f in capture.frames) - capture.frames[0].time_ns + 10 * MS
    both = choose.random() < 0.5
    frames = list(capture.frames)
    for _, frame, place in places(capture):
        made = put(frame, place.tcp + 4, "I", get(frame, place.tcp + 4, "I") + shift)
        if both and frame.data[place.tcp + 13] & ACK:
            made = put(made, place.tcp + 8, "I", get(frame, place.tcp + 8, "I") + shift)
        frames.append(made.later(after))
    if choose.random() < 0.3:
        frames = sorted(
            frames, key=lambda frame: (frame.time_ns - capture.frames[0].time_ns) % after
        )
    return replace(capture, frames=frames)


def same_ports(choose: random.Random, capture: Strange) -> Strange:
    """Give both ends the same port, or the same address and port, or port 0."""
    kind = choose.randrange(3)
    frames = list(capture.frames)
    for number, frame, place in places(capture):
        data = bytearray(frame.data)
        if kind < 2:
            data[place.tcp : place.tcp + 4] = b"\x1f\x90\x1f\x90"
        else:
            data[place.tcp : place.tcp + 2] = b"\0\0"
        if kind == 1:
            at, size = (place.ip + 12, 4) if place.version == 4 else (place.ip + 8, 16)
            data[at : at + size] = data[at + size : at + 2 * size]
        frames[number] = replace(frame, data=bytes(data))
    return replace(capture, frames=frames)


def noise(choose: random.Random, capture: Strange) -> Strange:
    """Change octets of the headers at random."""
    share = choose.choice((0.02, 0.2))
    frames = list(capture.frames)
    for number, frame in enumerate(frames):
        data = bytearray(frame.data)
        while data and choose.random() < share:
            data[choose.randrange(min(len(data), 80))] = choose.randrange(256)
        frames[number] = replace(frame, data=bytes(data))
    return replace(capture, frames=frames)


CONNECTIONS: Final = (scale, window_edge, wrap_sequence, new_numbers, same_ports, noise)
