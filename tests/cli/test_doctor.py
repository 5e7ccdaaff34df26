"""`pcapdiag doctor` as its user meets it."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from pcapdiag.cli import pcapdiag

SAMPLES = Path(__file__).parents[2] / "samples"
STORY, DAMAGED = SAMPLES / "story.pcap", SAMPLES / "flaw-damaged.pcap.gz"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(pcapdiag, ["doctor", *map(str, arguments)])


def test_nothing_wrong() -> None:
    result = run(STORY)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("story.pcap: nothing wrong\n")


def test_something_wrong() -> None:
    result = run(STORY, DAMAGED)
    assert (result.exit_code, result.stderr) == (1, "")
    assert "flaw-damaged.pcap.gz: 1 thing is wrong" in result.stdout


def test_json(tmp_path: Path) -> None:
    assert run(DAMAGED, "-o", tmp_path / "x.json").exit_code == 1
    said = json.loads((tmp_path / "x.json").read_text())
    assert said == json.loads(run(DAMAGED, "--format", "json").stdout)
    assert said["files"][0]["file"] == DAMAGED.name


def test_unreadable_files(tmp_path: Path) -> None:
    other = tmp_path / "x.txt"
    other.write_text("no capture")
    result = run(other)
    assert result.exit_code == 2
    assert "not a capture" in result.stderr
    result = run(other, STORY)
    assert result.exit_code == 1
    assert "not a capture" in result.stderr
    assert "story.pcap: nothing wrong" in result.stdout
