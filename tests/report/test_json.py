"""The JSON report against the contract, written down here a second time by hand."""

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from pcapdiag.report import json as json_report
from pcapdiag.report.model import Finding, Flow, Report
from tests.report.stories import HOSTILE_TEXT, STORIES, STORY, hostile

Shape = Any
"""A type; a tuple of alternatives; [shape] for a list; {key: shape} for an object, in that order."""

OPTIONAL_TEXT = (str, type(None))
OPTIONAL_NUMBER = (int, type(None))
FRAME = {"file": str, "number": int, "note": str}
FLOW = {
    "file": str, "source": str, "source_port": int, "destination": str, "destination_port": int,
    "first_frame": int, "last_frame": int, "packets": [int], "bytes": [int], "handshake": str,
    "syn_count": int, "close": str, "community_id": str, "retransmissions": [int],
    "rtt_ns": OPTIONAL_NUMBER, "macs": [OPTIONAL_TEXT],
}  # fmt: skip
REPORT = {
    "schema": str,
    "tool": {"name": str, "version": str},
    "verdict": {"rule": str, "certainty": OPTIONAL_TEXT, "sentence": str},
    "captures": [{
        "file": str, "sha256": str, "format": str, "link_types": [str], "packets": int, "bytes": int,
        "first": OPTIONAL_TEXT, "last": OPTIONAL_TEXT, "snaplen": OPTIONAL_NUMBER,
        "point": OPTIONAL_TEXT, "clock_offset_ns": OPTIONAL_NUMBER,
    }],
    "topology": {
        "vips": [{"address": str, "port": OPTIONAL_NUMBER}],
        "balancers": [str],
        "servers": [{"address": str, "port": OPTIONAL_NUMBER}],
        "gateways": [{"mac": str, "addresses": [str]}],
        "clients": {"total": int, "on_link": int, "routed": int},
    },
    "sessions": [{
        "id": int, "front": (FLOW, type(None)), "backs": [FLOW], "mode": str, "outcome": str,
        "rules": [str], "confidence": (int, float), "matched_by": [str],
    }],
    "findings": [{
        "rule": str, "severity": str, "scope": str, "subject": str, "title": str, "summary": str,
        "means": str, "certainty": str, "sessions": [int], "affected": int, "of": int,
        "frames": [FRAME], "facts": dict, "excluded": [{"hypothesis": str, "why": str}],
        "fix": [{"for": str, "text": str}],
        "next_capture": [{"where": str, "command": str, "why": str}],
        "wireshark_filter": str, "references": [str],
    }],
    "limits": [{"id": str, "summary": str, "frames": [FRAME]}],
}  # fmt: skip


def differences(value: Any, shape: Shape, at: str = "$") -> list[str]:
    """Where a value is not as its shape says; keys may follow the promised ones, not mix with them."""
    if isinstance(shape, tuple):
        ways = [differences(value, each, at) for each in shape]
        return [] if [] in ways else ways[0]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{at} is no list"]
        return [d for i, v in enumerate(value) for d in differences(v, shape[0], f"{at}[{i}]")]
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{at} is no object"]
        if list(value)[: len(shape)] != list(shape):
            return [f"{at} has keys {list(value)}"]
        return [d for key in shape for d in differences(value[key], shape[key], f"{at}.{key}")]
    right = isinstance(value, shape) and not (shape is int and isinstance(value, bool))
    return [] if right else [f"{at} is {value!r}"]


def no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def parsed(report: Report) -> Any:
    text = json_report.render(report)
    assert text.isascii()
    return json.loads(text, parse_constant=no_constant)


@pytest.mark.parametrize("story", STORIES)
def test_the_report_has_the_promised_shape(story: str) -> None:
    view = parsed(STORIES[story])
    assert differences(view, REPORT) == []
    assert view["schema"] == "pcapdiag.report/1"


def test_hostile_text_comes_back_as_it_went_in() -> None:
    view = parsed(hostile())
    assert differences(view, REPORT) == []
    assert view["verdict"]["sentence"] == HOSTILE_TEXT
    assert view["sessions"][0]["front"]["macs"] == [HOSTILE_TEXT, HOSTILE_TEXT]
    assert view["findings"][0]["facts"] == {HOSTILE_TEXT: HOSTILE_TEXT}


def test_sessions_say_what_the_report_says() -> None:
    view = parsed(replace(STORY, listed="none"))
    for said, meant in zip(view["sessions"], STORY.sessions, strict=True):
        # asdict is the independent writer here; tuples are JSON's lists.
        assert said == json.loads(json.dumps(asdict(meant)))


def test_a_leg_that_is_not_there_is_null() -> None:
    lonely = replace(STORY.sessions[0], front=None, backs=())
    view = parsed(replace(STORY, sessions=(lonely,)))
    assert view["sessions"][0]["front"] is None
    assert view["sessions"][0]["backs"] == []


def test_not_a_number_is_null_and_odd_facts_are_text() -> None:
    class Scalar:
        def item(self) -> int:
            return 7

    finding: Finding = replace(
        STORY.findings[0],
        facts={
            "nan": float("nan"), "infinite": [float("inf"), 1.5], "yes": True, "scalar": Scalar(),
            "set": frozenset({"b", "a"}), "bytes": b"x", "nested": {"none": None, 5: 6},
        },
    )  # fmt: skip
    facts = parsed(replace(STORY, findings=(finding,)))["findings"][0]["facts"]
    assert facts == {
        "nan": None, "infinite": [None, 1.5], "yes": True, "scalar": 7, "set": ["a", "b"],
        "bytes": "b'x'", "nested": {"none": None, "5": 6},
    }  # fmt: skip


def test_a_file_name_that_is_no_text_is_shown_by_its_bytes() -> None:
    flow: Flow | None = STORY.sessions[0].front
    assert flow is not None
    odd = replace(STORY.sessions[0], front=replace(flow, file="caf\udce9.pcap"))
    view = parsed(replace(STORY, sessions=(odd,)))
    assert view["sessions"][0]["front"]["file"] == r"caf\udce9.pcap"
