"""Packets added to a connection: keep-alives, window probes, repeated ACKs."""

import random
import struct
from dataclasses import replace
from typing import Final

from tests.flows.mutation.frames import Frame, Place
from tests.flows.mutation.headers import ACK, FIN, PSH, SYN, bare, get, put, some

MS: Final = 1_000_000
MASK: Final = 0xFFFFFFFF


def keep_alive(choose: random.Random, frame: Frame, place: Place) -> list[Frame]:
    """Let keep-alives of 0, 1 or 2 octets follow, some answered."""
    flags = frame.data[place.tcp + 13]
    occupies = place.end - place.options_end + (1 if flags & (SYN | FIN) else 0)
    following = get(frame, place.tcp + 4, "I") + occupies
    made = [frame]
    for number in range(choose.randrange(1, 4)):
        probe = bare(frame, place, bytes(choose.choice((0, 1, 1, 2))))
        probe = put(probe, place.tcp + 13, "B", choose.choice((ACK, ACK, ACK | PSH, ACK | FIN)))
        probe = put(probe, place.tcp + 4, "I", following - choose.choice((1, 1, 1, 0, 2)))
        made.append(probe.later(number * 1000 + 1000))
        if choose.random() < 0.5:
            made.append(answer(frame, place, following).later(number * 1000 + 1500))
    return made


def answer(frame: Frame, place: Place, ack: int) -> Frame:
    """Return an empty packet of the other side that acknowledges so much."""
    data = bytearray(bare(frame, place).data)
    at, size = (place.ip + 12, 4) if place.version == 4 else (place.ip + 8, 16)
    addresses = data[at : at + 2 * size]
    data[at : at + 2 * size] = addresses[size:] + addresses[:size]
    ports = data[place.tcp : place.tcp + 4]
    data[place.tcp : place.tcp + 4] = ports[2:] + ports[:2]
    numbers = data[place.tcp + 8 : place.tcp + 12] + struct.pack("!I", ack & MASK)
    data[place.tcp + 4 : place.tcp + 12] = numbers
    data[place.tcp + 13] = ACK
    return replace(frame, data=bytes(data), wire=len(data))


def starve(choose: random.Random, frame: Frame, place: Place) -> list[Frame]:
    """Close the receiver's window, probe it, open it."""
    flags = frame.data[place.tcp + 13]
    following = get(frame, place.tcp + 4, "I") + place.end - place.options_end
    following += 1 if flags & (SYN | FIN) else 0
    shut = put(answer(frame, place, following), place.tcp + 14, "H", 0)
    made = [frame, shut.later(100)]
    for number in range(choose.randrange(1, 5)):
        probe = put(
            bare(frame, place, bytes(choose.choice((1, 1, 0, 2)))), place.tcp + 13, "B", ACK
        )
        probe = put(probe, place.tcp + 4, "I", following + choose.choice((0, 0, -1)))
        made.append(probe.later(200 + number * 200))
        if choose.random() < 0.7:
            reply = shut if choose.random() < 0.7 else put(shut, place.tcp + 8, "I", following + 1)
            made.append(reply.later(300 + number * 200))
    made.append(put(shut, place.tcp + 14, "H", choose.choice((0, 10, 1000))).later(2000))
    return made


def duplicate_acks(choose: random.Random, frame: Frame, place: Place) -> list[Frame]:
    """Let the other side acknowledge the same again and again; the segment follows once more."""
    start = get(frame, place.tcp + 4, "I")
    back = answer(frame, place, start)
    count = choose.randrange(1, 6)
    after = choose.choice((100, 10 * MS, 19_999_999, 20 * MS, 25 * MS))
    return [
        frame,
        *(back.later(1000 + number) for number in range(count)),
        frame.later(1000 + count + after),
    ]


INSERTED: Final = tuple(some(change) for change in (keep_alive, starve, duplicate_acks))
