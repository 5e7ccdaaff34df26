"""`pcapdiag dissect` as its user meets it."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pcapdiag.cli import pcapdiag
from pcapdiag.pipeline import analyze
from pcapdiag.report.model import SessionLine
from pcapdiag.settings import Settings

STORY = Path(__file__).parents[2] / "samples" / "story.pcap"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(pcapdiag, ["dissect", *map(str, arguments)])


@pytest.fixture(scope="module")
def working() -> SessionLine:
    sessions = analyze([STORY], Settings(compiled=False)).sessions
    return next(session for session in sessions if session.outcome == "ok")


@pytest.mark.tshark
def test_every_packet_of_both_legs(working: SessionLine) -> None:
    result = run(STORY, "--session", working.id, "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    packets = [json.loads(line) for line in result.stdout.splitlines()]
    assert working.front is not None
    for name, flow in (("front", working.front), ("back", working.backs[0])):
        frames = [packet["frame"] for packet in packets if packet["leg"] == name]
        assert len(frames) == sum(flow.packets)
        assert (frames[0], frames[-1]) == (flow.first_frame, flow.last_frame)
    assert [packets[n]["flags"] for n in range(3)] == ["SYN", "SYN, ACK", "ACK"]
    assert any(line.startswith("SMTP: ") for packet in packets for line in packet["lines"])


@pytest.mark.tshark
def test_text_is_bounded(working: SessionLine) -> None:
    lines = run(STORY, "--session", working.id, "--packets", 2).stdout.splitlines()
    assert len(lines) == 2
    assert lines[0].endswith("  SYN")
    assert "front" in lines[0]


def test_a_session_that_is_not_there() -> None:
    result = run(STORY, "--session", 4711)
    assert result.exit_code == 2
    assert "has no session 4711; there are " in result.stderr


def test_no_tshark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    result = run(STORY, "--session", 1)
    assert result.exit_code == 2
    assert "tshark was not found" in result.stderr


def test_standard_input_cannot_be_dissected() -> None:
    assert "needs a file" in run("-", "--session", 1).stderr


@pytest.mark.tshark
def test_a_request_is_shown_with_its_headers_and_nothing_twice() -> None:
    packets = run(
        STORY.with_name("snat-healthy.pcap.gz"), "--session", 1, "--format", "json"
    ).stdout
    spoken = [lines for line in packets.splitlines() if (lines := json.loads(line)["lines"])]
    assert spoken[0][0] == "HTTP: GET /near00/300 HTTP/1.1"
    assert "HTTP: Host: service.example" in spoken[0]
    for lines in spoken:
        assert len(lines) == len(set(lines))
        assert not any("Expert Info" in line for line in lines)
