"""`pcapdiag dissect` as its user meets it."""

import gzip
import json
import shutil
import subprocess
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
    assert "no session 4711; there are " in result.stderr


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


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A capture in one file and, in a folder, in files of nine packets as a ring buffer makes them."""
    folder = tmp_path_factory.mktemp("ring")
    (folder / "parts").mkdir()
    whole = folder / "whole.pcap"
    whole.write_bytes(gzip.decompress(STORY.with_name("snat-healthy.pcap.gz").read_bytes()))
    editcap = shutil.which("editcap")
    assert editcap is not None
    subprocess.run([editcap, "-c", "9", whole, folder / "parts" / "lb.pcap"], check=True)
    return folder


def decoded(*arguments: object) -> list[dict[str, object]]:
    result = run(*arguments, "--session", 2, "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.tshark
def test_a_ring_buffer_is_decoded_as_one_capture(ring: Path) -> None:
    parts = sorted((ring / "parts").iterdir())
    whole, split = decoded(ring / "whole.pcap"), decoded(*reversed(parts))
    assert split == decoded(ring / "parts")
    assert len({packet["file"] for packet in split}) > 2
    for one, other in zip(whole, split, strict=True):
        number = [part.name for part in parts].index(str(other["file"]))
        assert one["frame"] == other["frame"] + 9 * number  # type: ignore[operator]
        assert one | {"file": "", "frame": 0} == other | {"file": "", "frame": 0}


@pytest.mark.tshark
def test_files_of_two_interfaces_are_decoded_as_one_capture(tmp_path: Path) -> None:
    whole = STORY.with_name("two-arm-snat-healthy.pcapng.gz")
    sides = [tmp_path / "front.pcapng", tmp_path / "back.pcapng"]
    tshark = shutil.which("tshark")
    assert tshark is not None
    for number, side in enumerate(sides):
        shown = f"frame.interface_id == {1 - number}"
        subprocess.run([tshark, "-n", "-r", whole, "-Y", shown, "-w", side], check=True)
    together, split = decoded(whole), decoded(*sides)
    assert {packet["file"] for packet in split} == {"front.pcapng", "back.pcapng"}
    for one, other in zip(together, split, strict=True):
        assert one | {"file": "", "frame": 0} == other | {"file": "", "frame": 0}


@pytest.mark.tshark
def test_text_names_each_file_of_a_ring_buffer_once(ring: Path) -> None:
    lines = run(ring / "parts", "--session", 2).stdout.splitlines()
    files = [line for line in lines if line.startswith("lb_")]
    assert files == sorted(set(files))
    assert len(files) > 2
    assert not any("lb_" in line for line in run(ring / "whole.pcap", "--session", 2).stdout)


@pytest.mark.tshark
def test_of_several_captures_the_session_s_own_is_decoded(ring: Path) -> None:
    captures = (STORY, ring / "whole.pcap")
    sessions = analyze(captures, Settings(compiled=False)).sessions
    chosen = next(each for each in sessions if each.front and each.front.file == "whole.pcap")
    lines = run(*captures, "--session", chosen.id, "--format", "json").stdout.splitlines()
    assert {json.loads(line)["file"] for line in lines} == {"whole.pcap"}
