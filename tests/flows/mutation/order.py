"""Frames lost, repeated, delayed, cut; other clocks."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tests.flows.mutation.frames import Frame, Place, Strange, find, places

MS: Final = 1_000_000
SNAPLENS: Final = (40, 54, 58, 60, 64, 66, 68, 70, 74, 78, 96, 128, 200)
SYN, ACK = 2, 16


def kept(capture: Strange, keep: Callable[[int, Frame, Place | None], bool]) -> Strange:
    """Return the frames for which `keep` holds."""
    frames = [
        frame
        for number, frame in enumerate(capture.frames)
        if keep(number, frame, find(capture.link_type, frame.data))
    ]
    return replace(capture, frames=frames)


def lose(choose: random.Random, capture: Strange) -> Strange:
    """Lose frames one by one."""
    share = choose.choice((0.01, 0.05, 0.1, 0.3))
    return kept(capture, lambda *_: choose.random() >= share)


def lose_bursts(choose: random.Random, capture: Strange) -> Strange:
    """Lose several frames at a time."""
    left = 0
    frames = []
    for frame in capture.frames:
        if left == 0 and choose.random() < 0.05:
            left = choose.randrange(2, 15)
        if left:
            left -= 1
        else:
            frames.append(frame)
    return replace(capture, frames=frames)


def lose_one_side(choose: random.Random, capture: Strange) -> Strange:
    """Lose all that one end point sent."""
    share = choose.choice((0.6, 1.0))
    lost: dict[frozenset[bytes], bytes] = {}

    def keep(_: int, frame: Frame, place: Place | None) -> bool:
        if place is None:
            return True
        source, destination = place.key(frame.data)
        side = choose.choice((source, destination))
        side = lost.setdefault(frozenset((source, destination)), side)
        return side != source or choose.random() >= share

    return kept(capture, keep)


def lose_flags(choose: random.Random, capture: Strange) -> Strange:
    """Lose all packets of a kind: SYN, SYN-ACK, either, those without payload, with FIN or RST."""
    kind = choose.randrange(6)

    def keep(_: int, frame: Frame, place: Place | None) -> bool:
        if place is None:
            return True
        flags = frame.data[place.tcp + 13]
        return not (
            flags & (SYN | ACK) == SYN,
            flags & (SYN | ACK) == SYN | ACK,
            flags & SYN,
            place.options_end == place.end and not flags & SYN,
            flags & 5,
            place.options_end < place.end,
        )[kind]

    return kept(capture, keep)


def lose_start(choose: random.Random, capture: Strange) -> Strange:
    """Lose the first frames."""
    return replace(capture, frames=capture.frames[choose.randrange(1, 12) :])


def repeat(choose: random.Random, capture: Strange) -> Strange:
    """Repeat frames, at once or later."""
    share = choose.choice((0.03, 0.2, 1.0))
    after = choose.choice((0, 1000, MS, 5 * MS, 25 * MS, 300 * MS))
    frames = list(capture.frames)
    frames += [frame.later(after) for frame in capture.frames if choose.random() < share]
    return replace(capture, frames=sorted(frames, key=lambda frame: frame.time_ns))


def delay(choose: random.Random, capture: Strange) -> Strange:
    """Let some frames come later, by the clock."""
    share = choose.choice((0.05, 0.2))
    most = choose.choice((1, 3, 10, 50, 200)) * MS
    frames = [
        frame.later(choose.randrange(most)) if choose.random() < share else frame
        for frame in capture.frames
    ]
    return replace(capture, frames=sorted(frames, key=lambda frame: frame.time_ns))


def swap(choose: random.Random, capture: Strange) -> Strange:
    """Put frames elsewhere in the file, with the times they had: time goes backwards."""
    frames = list(capture.frames)
    for _ in range(1 + len(frames) // choose.choice((5, 20, 50))):
        at = choose.randrange(len(frames))
        frames.insert(max(0, at + choose.randrange(-10, 11)), frames.pop(at))
    return replace(capture, frames=frames)


def clock(choose: random.Random, capture: Strange) -> Strange:
    """Show other times: all the same, none, in steps, backwards, shaken, much slower or faster."""
    kind = choose.randrange(7)
    first = capture.frames[0].time_ns

    def time_ns(number: int, frame: Frame) -> int:
        since = frame.time_ns - first
        return (
            first,
            0,
            first + since // (10 * MS) * 10 * MS,
            first + 3600 * 10**9 - since,
            first + since + choose.randrange(-5 * MS, 5 * MS),
            first + since // 1000,
            first + number * 15 * MS,
        )[kind]

    frames = [
        replace(frame, time_ns=max(0, time_ns(number, frame)))
        for number, frame in enumerate(capture.frames)
    ]
    return replace(capture, frames=frames)


def cut(choose: random.Random, capture: Strange) -> Strange:
    """Cut all frames, or some, to a length."""
    snaplen = choose.choice(SNAPLENS)
    share = choose.choice((1.0, 1.0, 0.3))
    frames = [
        replace(frame, data=frame.data[: snaplen if choose.random() < share else None])
        for frame in capture.frames
    ]
    return replace(capture, frames=frames)


def cut_headers(choose: random.Random, capture: Strange) -> Strange:
    """Cut frames somewhere around the end of the TCP header."""
    frames = list(capture.frames)
    for number, frame, place in places(capture):
        if choose.random() < 0.3:
            length = choose.randrange(place.ip, min(len(frame.data), place.options_end + 3) + 1)
            frames[number] = replace(frame, data=frame.data[:length])
    return replace(capture, frames=frames)


def forget_wire(choose: random.Random, capture: Strange) -> Strange:
    """Cut frames and say that they were no longer."""
    snaplen = choose.choice((54, 60, 66, 80, 128, 300))
    frames = [
        replace(frame, data=frame.data[:snaplen], wire=len(frame.data[:snaplen]))
        for frame in capture.frames
    ]
    return replace(capture, frames=frames)


def again(choose: random.Random, capture: Strange) -> Strange:
    """Play the whole capture once more, later."""
    last = max(frame.time_ns for frame in capture.frames)
    after = last - capture.frames[0].time_ns + choose.choice((1, 50 * MS, 10**9, 10**11))
    frames = capture.frames + [frame.later(after) for frame in capture.frames]
    return replace(capture, frames=frames)


ORDER: Final = (
    lose, lose_bursts, lose_one_side, lose_flags, lose_start, repeat, delay, swap, clock, cut,
    cut_headers, forget_wire, again,
)  # fmt: skip
