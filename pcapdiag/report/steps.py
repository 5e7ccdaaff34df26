"""One leg's packets as steps of a picture: what passed, from whom to whom, repeats folded into one.

Label words follow RFC 9293 (SYN, ACK, FIN, RST), RFC 826 and RFC 4861 (who-has).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows import keys
from pcapdiag.flows.events import EVENT_KINDS
from pcapdiag.flows.result import Traffic
from pcapdiag.payload import stream
from pcapdiag.payload.tls import ALERTS
from pcapdiag.report.words import safe

SHOWN: Final = frozenset(
    EVENT_KINDS.index(kind)
    for kind in ("syn", "syn-ack", "fin", "reset", "data", "turn", "retransmission",
                 "zero-window", "keep-alive")
)  # fmt: skip
"""Kinds of events that become steps; the others say nothing a picture needs."""

SPOKEN: Final = (EVENT_KINDS.index("data"), EVENT_KINDS.index("turn"))
"""Of these, those with payload."""

MOST_EVENTS: Final = 200
"""Events of one leg that are looked at."""

MOST_TURNS: Final = 3
"""Payloads shown per leg and direction: request and reply tell the story, the rest repeats it."""

LABEL_LENGTH: Final = 36


@dataclass(frozen=True)
class Step:
    """One arrow before it gets its number."""

    time_ns: int
    frame: int | None
    """None: expected but not in the capture."""
    source: str
    destination: str
    label: str
    note: str = ""
    times: int = 1
    after: int = 0
    """Order among steps of the same time and frame."""

    @property
    def order(self) -> tuple[int, int, int]:
        """Sort key: time, then frame."""
        return self.time_ns, self.frame or 0, self.after


def leg_steps(traffic: Traffic, record: int, initiator: str, responder: str) -> list[Step]:
    """Return the steps of one record of the flow table between two actors, in order."""
    flow = traffic.flows.records[record]
    events = traffic.events[traffic.events_of(record)]
    rows = events[keys.among(events["kind"], list(SHOWN))][:MOST_EVENTS]
    unanswered = _unanswered(flow, rows)
    texts = _texts(traffic, int(flow["file"]), rows, unanswered)
    actors = (initiator, responder)
    steps, counts = [], dict[tuple[int, str], int]()
    for frame in keys.distinct(rows["frame"]).tolist():
        same = rows[rows["frame"] == frame]
        direction = int(same["direction"][0])
        kinds = {EVENT_KINDS[kind] for kind in same["kind"].tolist()}
        room = MOST_TURNS if frame != unanswered else len(rows)
        label = _label(
            kinds, direction, texts.get(frame, ""), int(same["payload"][0]), counts, room
        )
        if label:
            ends = actors if direction == 0 else actors[::-1]
            steps.append(Step(int(same["time_ns"][0]), frame, *ends, label))
    if flow["handshake_frame"] >= 0:
        ack = Step(int(flow["handshake_ns"]), int(flow["handshake_frame"]), *actors, "ACK")
        # The ACK may carry the first data, which is then the better label.
        if all(step.frame != ack.frame for step in steps):
            steps.append(ack)
    return fold(sorted(steps, key=lambda step: step.order))


def fold(steps: Iterable[Step]) -> list[Step]:
    """Return the steps with repeats of one kind counted at the place of the first."""
    folded: dict[tuple[Any, ...], Step] = {}
    for step in steps:
        repeat = step.label.endswith("again") or step.label in ("window 0", "keep-alive")
        key = (step.source, step.destination, step.label, None if repeat else step.frame)
        before = folded.get(key)
        folded[key] = step if before is None else replace(before, times=before.times + 1)
    return [
        step if step.times == 1 else replace(step, label=f"{step.label} ({step.times} times)")
        for step in folded.values()
    ]


def text_label(payload: bytes, length: int) -> str:
    """Return a payload's first line when it is text, else what it is and its size.

    `length` is its size on the wire, bytes; `payload` may be cut or empty.
    """
    size = f"{length} byte" if length == 1 else f"{length} bytes"
    if payload[:2] == b"\x16\x03":
        # RFC 8446 5.1: content type 22 is a handshake record.
        return f"TLS handshake, {size}"
    if payload[:2] == b"\x15\x03" and payload[3:5] == b"\0\2" and len(payload) >= 7:
        return f"TLS alert: {ALERTS[payload[6]]}"
    line = payload.split(b"\n", 1)[0].rstrip(b"\r")
    if line and all(32 <= byte < 127 for byte in line[:200]):
        return safe(line[:200].decode("ascii"), LABEL_LENGTH)
    return f"data, {size}"


def _label(
    kinds: set[str],
    direction: int,
    text: str,
    payload: int,
    counts: dict[tuple[int, str], int],
    room: int,
) -> str:
    """Name one packet; "" for payload beyond the first turns, `room` of them."""
    if "syn" in kinds or "syn-ack" in kinds:
        word = "SYN" if "syn" in kinds else "SYN-ACK"
        return f"{word} again" if _count(counts, direction, word) > 1 else word
    if "reset" in kinds:
        return "RST again" if _count(counts, direction, "RST") > 1 else "RST"
    ends = "fin" in kinds
    if "retransmission" in kinds:
        return "data again" if payload > 0 else "FIN again" if ends else "ACK again"
    if kinds & {"data", "turn"} and _count(counts, direction, "data") <= room:
        return f"{text}, FIN" if ends else text
    if ends:
        return "FIN"
    if "zero-window" in kinds:
        return "window 0"
    return "keep-alive" if "keep-alive" in kinds else ""


def _count(counts: dict[tuple[int, str], int], direction: int, word: str) -> int:
    counts[direction, word] = counts.get((direction, word), 0) + 1
    return counts[direction, word]


def _unanswered(flow: Any, rows: NDArray[Any]) -> int:
    """Return the frame with which the initiator spoke last and was not answered; -1: he was."""
    asked = rows[keys.among(rows["kind"], SPOKEN) & (rows["direction"] == 0)]
    return int(asked["frame"][-1]) if len(asked) and flow["last_speaker"] == 0 else -1


def _texts(traffic: Traffic, file: int, rows: NDArray[Any], unanswered: int) -> dict[int, str]:
    """Return the labels of the first payloads, and of the unanswered one, by frame, read again."""
    spoken = keys.among(rows["kind"], SPOKEN)
    chosen: Sequence[int] = [
        n
        for direction in (0, 1)
        for n in np.flatnonzero(spoken & (rows["direction"] == direction))[: 2 * MOST_TURNS]
    ]
    last = np.flatnonzero(spoken & (rows["frame"] == unanswered))
    events = rows[keys.distinct(np.concatenate([np.array(chosen, np.int64), last]))]
    payloads = stream.read(traffic, file, events) if len(events) else []
    return {
        frame: text_label(data, length)
        for frame, length, data in zip(
            events["frame"].tolist(), events["payload"].tolist(), payloads, strict=True
        )
    }
