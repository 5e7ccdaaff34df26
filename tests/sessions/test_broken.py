"""Dialogues that ended badly though payload came back."""

from typing import Any

import pytest

from pcapdiag.flows.legs import legs_of
from pcapdiag.sessions.broken import AT_ONCE_NS, broken
from tests.sessions.table import S, leg, traffic

TALK: dict[str, Any] = {
    "bytes": [20, 200],
    "prefix_length": [20, 200],
    "last_data_ns": [2 * S, 3 * S],
    "last_speaker": 1,
}
ASKED_LAST: dict[str, Any] = {**TALK, "last_data_ns": [4 * S, 3 * S], "last_speaker": 0}
HTTP: dict[str, Any] = {**TALK, "http_requests": 1, "http_replies": 1, "http_status": 200}
MAIL: dict[str, Any] = {**TALK, "greeting": 220, "reply_code": 250}
CLOSED: dict[str, Any] = {"fin_ns": [-1, 5 * S]}
RESET: dict[str, Any] = {"reset_ns": [-1, 4 * S + 1]}
LEAVES: dict[str, Any] = {"fin_ns": [4 * S, 5 * S]}


def told(ended_by_responder: bool, **columns: Any) -> str:
    legs = legs_of(traffic(leg("198.51.100.1:1000", "192.0.2.10:80", S, **columns)).flows, 0)
    found = broken(legs, legs.column("hop") == (-1 if ended_by_responder else 99))
    return "proved" if found.proved[0] else "doubtful" if found.doubtful[0] else ""


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({**TALK, **CLOSED}, ""),
        ({**HTTP, "http_errors": 1}, "proved"),
        ({**HTTP, **CLOSED, "reply_cut": 0}, ""),
        ({**HTTP, **CLOSED, "reply_cut": 1}, "proved"),
        ({**HTTP, **CLOSED, "http_requests": 2}, "proved"),
        # The answer may be among what was not captured.
        ({**HTTP, **CLOSED, "http_requests": 2, "lost_segments": [0, 1]}, ""),
        ({**HTTP, **CLOSED, "http_requests": 2, "cut": [0, 1]}, ""),
        ({**MAIL, **CLOSED}, "proved"),
        ({**MAIL, **CLOSED, "cut": [0, 1]}, ""),
        ({**MAIL, **CLOSED, "reply_code": 221}, ""),
        ({**MAIL, **CLOSED, "reply_code": 421}, ""),
        # Encrypted since: what was said last is not known.
        ({**MAIL, **CLOSED, "reply_code": -1}, ""),
        ({**MAIL, "greeting": 554, "reply_code": 554}, "proved"),
        ({**TALK, "tls_alert": [48, -1]}, "proved"),
        ({**ASKED_LAST, **RESET}, "proved"),
        ({**ASKED_LAST, **RESET, "acked_unseen": [1, 0]}, ""),
        ({**ASKED_LAST, **CLOSED}, "doubtful"),
        ({**ASKED_LAST, "fin_ns": [-1, 4 * S + AT_ONCE_NS - 1]}, ""),
        # In the middle of an answer, or behind its last word: nothing tells.
        ({**TALK, "reset_ns": [-1, 3 * S + 1]}, "doubtful"),
        ({**TALK, "reset_ns": [-1, 3 * S + 1], "reply_cut": 0}, ""),
        ({**TALK, "reset_ns": [-1, 3 * S + AT_ONCE_NS]}, ""),
    ],
)
def test_ended_by_the_responder(columns: dict[str, Any], expected: str) -> None:
    assert told(True, **columns) == expected


@pytest.mark.parametrize(
    "columns",
    [
        {**ASKED_LAST, **LEAVES, "reset_ns": [-1, 4 * S + 1]},
        {**HTTP, **LEAVES, "reply_cut": 1},
        {**HTTP, **LEAVES, "http_requests": 2},
        {**MAIL, **LEAVES},
    ],
)
def test_who_leaves_by_himself_misses_nothing(columns: dict[str, Any]) -> None:
    assert told(False, **columns) == ""


def test_http_refuses_another_protocol() -> None:
    refused: dict[str, Any] = {**HTTP, "http_requests": 0, "http_status": 400}
    assert told(True, **refused) == "proved"
    assert told(True, **{**refused, "http_requests": 1}) == ""
    # The request came before the capture, or without its payload.
    assert told(True, **refused, handshake="not-seen") == ""
    assert told(True, **{**refused, "prefix_length": [0, 200]}) == ""
