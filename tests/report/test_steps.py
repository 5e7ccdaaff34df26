"""A leg's packets as steps: labels, folded repeats, payload as text only when it is text."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pcapdiag.flows.events import EVENT, EVENT_KINDS
from pcapdiag.report.steps import LABEL_LENGTH, Step, fold, leg_steps, text_label
from tests.sessions.table import MS, S, leg, traffic


def event(
    kind: str, frame: int, direction: int = 0, payload: int = 0, record: int = 0
) -> NDArray[Any]:
    row = np.zeros(1, EVENT)
    row["kind"], row["record"], row["direction"] = EVENT_KINDS.index(kind), record, direction
    row["frame"], row["time_ns"], row["payload"] = frame, S + frame * MS, payload
    row["position"] = -1
    return row


def labels(*events: NDArray[Any], **columns: Any) -> list[tuple[int | None, str, str]]:
    found = traffic(
        leg("198.51.100.1:1000", "192.0.2.10:25", S, **columns), events=np.concatenate(events)
    )
    steps = leg_steps(found, 0, "client", "balancer")
    return [(step.frame, step.source, step.label) for step in steps]


def test_handshake_with_its_last_ack() -> None:
    columns = {"handshake_frame": 3, "handshake_ns": S + 3 * MS}
    found = labels(event("syn", 1), event("syn-ack", 2, 1), event("reset", 4, 1), **columns)
    expected = [(1, "client", "SYN"), (2, "balancer", "SYN-ACK")]
    assert found == [*expected, (3, "client", "ACK"), (4, "balancer", "RST")]


@pytest.mark.parametrize(("last_speaker", "shown"), [(0, True), (1, False)])
def test_the_question_that_nobody_answered_is_shown_however_late(
    last_speaker: int, shown: bool
) -> None:
    turns = [event("turn", frame, frame % 2, 9) for frame in range(10, 31)]
    frames = [frame for frame, source, _ in labels(*turns, last_speaker=last_speaker)]
    assert (30 in frames) == shown
    assert len(frames) == 6 + shown


def test_repeated_syns_are_one_step() -> None:
    events = [event("syn", 1)]
    for frame in (5, 6, 7):
        events += [event("syn", frame), event("retransmission", frame)]
    assert labels(*events) == [(1, "client", "SYN"), (5, "client", "SYN again (3 times)")]


def test_repeats_of_both_sides_are_kept_apart() -> None:
    events = [event("syn", 1), event("syn-ack", 2, 1), event("syn", 3), event("syn-ack", 4, 1)]
    assert [label for _, _, label in labels(*events)] == [
        *("SYN", "SYN-ACK", "SYN again", "SYN-ACK again")
    ]


def test_a_packet_with_data_and_fin_is_one_step() -> None:
    found = labels(event("data", 4, payload=6), event("turn", 4, payload=6), event("fin", 4))
    assert found == [(4, "client", "data, 6 bytes, FIN")]


def test_retransmitted_payload_and_windows() -> None:
    found = labels(
        event("retransmission", 3, payload=10),
        event("retransmission", 4, payload=10),
        event("zero-window", 5, 1),
        event("zero-window", 6, 1),
    )
    assert found == [
        (3, "client", "data again (2 times)"),
        (5, "balancer", "window 0 (2 times)"),
    ]


def test_later_turns_are_left_out_but_not_the_end() -> None:
    events = [event("turn", frame, payload=1) for frame in range(1, 9)]
    found = labels(*events, event("fin", 9))
    assert [frame for frame, _, _ in found] == [1, 2, 3, 9]


def test_other_records_have_no_say() -> None:
    assert labels(event("syn", 1), event("syn", 2, record=5)) == [(1, "client", "SYN")]


def test_fold_keeps_the_place_of_the_first() -> None:
    steps = [Step(n, n, "a", "b", "SYN again") for n in (2, 4)]
    steps.insert(1, Step(3, 3, "b", "a", "RST"))
    assert [(s.frame, s.label) for s in fold(steps)] == [(2, "SYN again (2 times)"), (3, "RST")]


@pytest.mark.parametrize(
    ("payload", "label"),
    [
        (b"220 mail.example ESMTP\r\n250 ok\r\n", "220 mail.example ESMTP"),
        (b"\x16\x03\x01\x02\x00\x01", "TLS handshake, 517 bytes"),
        (b"\x15\x03\x03\x00\x02\x02\x30", "TLS alert: unknown_ca"),
        (b"\x15\x03\x03\x00\x1a\x02\x30", "data, 517 bytes"),
        (b"\x00\x01binary", "data, 517 bytes"),
        (b"\x1b[2Jboo\r\n", "data, 517 bytes"),
        (b"", "data, 517 bytes"),
        (b"\r\n\r\n", "data, 517 bytes"),
    ],
)
def test_text_label(payload: bytes, label: str) -> None:
    assert text_label(payload, 517) == label


@given(st.binary(max_size=300))
def test_labels_are_short_and_printable(payload: bytes) -> None:
    label = text_label(payload, len(payload))
    assert label.isprintable()
    assert 0 < len(label) <= LABEL_LENGTH
