"""Timetables of proxied dialogues: every packet of both legs, as the balancer's own capture sees them.

TCP as in RFC 9293; a dialogue is a list of turns, each a direction and a number of bytes.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FRONT: Final = 0
BACK: Final = 1
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
SEGMENT: Final = 1448
"""Payload of a full segment beside the timestamp option, bytes."""

STEP = np.dtype(
    [
        ("time_us", "i8"),  # after the client's SYN
        ("leg", "i8"),
        ("direction", "i8"),  # 0 to the responder, 1 to the initiator
        ("flags", "i8"),
        ("seq", "i8"),  # after the sender's initial sequence number
        ("ack", "i8"),  # after the receiver's; -1: ACK not set
        ("length", "i8"),  # payload, bytes
    ]
)

CLIENT_RTT_US: Final = 8_000
SERVER_RTT_US: Final = 240
ANSWER_US: Final = 40_000
"""Waiting longer than this, a receiver acknowledges by a packet of its own."""
RELAY_US: Final = 45
"""What the balancer takes to pass something on."""


@dataclass
class Timetable:
    """A session's steps while they are written down; not in order of time until `steps` is called."""

    rows: list[tuple[int, ...]] = field(default_factory=list)
    sent: list[list[int]] = field(default_factory=lambda: [[0, 0], [0, 0]])
    """[leg][direction]: sequence space used so far."""

    def put(self, time: int, leg: int, direction: int, flags: int, length: int = 0) -> None:
        """Write one packet that acknowledges all the other side has sent."""
        ack = self.sent[leg][1 - direction] if flags & ACK else -1
        self.rows.append((time, leg, direction, flags, self.sent[leg][direction], ack, length))
        self.sent[leg][direction] += length + bool(flags & SYN) + bool(flags & FIN)

    def open(self, time: int, leg: int) -> int:
        """Shake hands; returns when the initiator may speak."""
        reply, confirm = (
            (30, CLIENT_RTT_US) if leg == FRONT else (SERVER_RTT_US, SERVER_RTT_US + 15)
        )
        self.put(time, leg, 0, SYN)
        self.put(time + reply, leg, 1, SYN | ACK)
        self.put(time + confirm, leg, 0, ACK)
        return time + confirm

    def say(self, time: int, direction: int, length: int, *, answered: bool) -> int:
        """Pass one turn from end to end, every second segment acknowledged; returns when it ended.

        Where the answer comes soon it carries the last acknowledgement (delayed, RFC 9293 3.8.6.3).
        """
        arrives, leaves = (FRONT, BACK) if direction == 0 else (BACK, FRONT)
        segments = -(-length // SEGMENT)
        end = time
        for number in range(segments):
            size = min(SEGMENT, length - number * SEGMENT)
            last = number == segments - 1
            flags = ACK | PSH if last else ACK
            at = time + number * 30
            self.put(at, arrives, direction, flags, size)
            self.put(at + RELAY_US, leaves, direction, flags, size)
            rtt = SERVER_RTT_US if leaves == BACK else CLIENT_RTT_US
            end = at + RELAY_US + rtt
            if number % 2 or (last and not answered):
                self.put(at + 8, arrives, 1 - direction, ACK)
                self.put(end, leaves, 1 - direction, ACK)
        return end

    def close(self, time: int) -> None:
        """The server closes, the client follows."""
        for at, leg, direction, flags in (
            (0, BACK, 1, FIN | ACK),
            (RELAY_US, FRONT, 1, FIN | ACK),
            (60, BACK, 0, ACK),
            (CLIENT_RTT_US, FRONT, 0, FIN | ACK),
            (CLIENT_RTT_US + 20, FRONT, 1, ACK),
            (CLIENT_RTT_US + RELAY_US, BACK, 0, FIN | ACK),
            (CLIENT_RTT_US + RELAY_US + SERVER_RTT_US, BACK, 1, ACK),
        ):
            self.put(time + at, leg, direction, flags)

    def steps(self) -> NDArray[Any]:
        """All steps in order of time, dtype STEP."""
        table = np.array(self.rows, STEP)
        return table[np.argsort(table["time_us"], kind="stable")]


def mail(body: int) -> NDArray[Any]:
    """An SMTP-like session (RFC 5321): the server speaks first, the body is `body` bytes long."""
    table = Timetable()
    now = table.open(0, FRONT)
    now = table.open(now + RELAY_US, BACK) + 400
    for direction, length, wait in (
        (1, 46, 900), (0, 27, 300), (1, 118, 1_000), (0, 38, 400), (1, 8, 900), (0, 34, 600),
        (1, 14, 800), (0, 6, 500), (1, 37, 1_500), (0, body, 250_000), (1, 31, 600), (0, 6, 500),
        (1, 24, 200),
    ):  # fmt: skip
        now = table.say(now, direction, length, answered=wait < ANSWER_US) + wait
    table.close(now)
    return table.steps()


def page(request: int, responses: tuple[int, ...]) -> NDArray[Any]:
    """An HTTP-like session (RFC 9112): one connection, a request before each response."""
    table = Timetable()
    now = table.open(0, FRONT)
    table.open(now - CLIENT_RTT_US + 80, BACK)
    for length in responses:
        now = table.say(now + 700, 0, request, answered=True) + 4_000
        now = table.say(now, 1, length, answered=False) + 260_000
    table.close(now)
    return table.steps()


def refused() -> NDArray[Any]:
    """The real server's port is closed; the balancer hangs up on the client."""
    table = Timetable()
    now = table.open(0, FRONT)
    table.put(now + RELAY_US, BACK, 0, SYN)
    table.put(now + RELAY_US + SERVER_RTT_US, BACK, 1, RST | ACK)
    now += 2 * RELAY_US + SERVER_RTT_US
    table.put(now, FRONT, 1, FIN | ACK)
    table.put(now + CLIENT_RTT_US, FRONT, 0, FIN | ACK)
    table.put(now + CLIENT_RTT_US + 20, FRONT, 1, ACK)
    return table.steps()
