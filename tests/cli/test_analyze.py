"""`pcapdiag analyze` as its user meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pcapdiag.cli import pcapdiag
from pcapdiag.report import FORMATS

STORY = Path(__file__).parents[2] / "samples" / "story.pcap"
HEALTHY = STORY.with_name("dnat-healthy.pcap.gz")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(pcapdiag, ["analyze", *map(str, arguments)])


def test_piped_is_plain_text_headline_first() -> None:
    result = run(STORY)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "sessions to" in result.stdout.splitlines()[0]
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("r.json", '{"schema": "pcapdiag.report/1"'),
        ("r.html", "<!doctype html>"),
        ("r.md", "#"),
        ("r.TXT", ""),
    ],
)
def test_suffix_picks_the_format(tmp_path: Path, name: str, start: str) -> None:
    result = run(STORY, "-o", tmp_path / name)
    assert (result.exit_code, result.output) == (0, "")
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert "".join(text.split()).lower().startswith("".join(start.split()).lower())
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_json_has_the_contract_s_keys() -> None:
    report = json.loads(run(STORY, "--format", "json").stdout)
    assert list(report)[:8] == [
        *("schema", "tool", "verdict", "captures"),
        *("topology", "sessions", "findings", "limits"),
    ]
    assert report["verdict"]["rule"] == "return-path-bypasses-balancer"
    assert report["captures"][0]["file"] == "story.pcap"


@pytest.mark.parametrize("name", FORMATS)
def test_no_path_of_the_machine_in_any_format(name: str) -> None:
    result = run(STORY, "--format", name)
    assert result.exit_code == 0
    assert str(STORY.parent) not in result.stdout


def test_standard_input_is_the_same_analysis() -> None:
    command = [sys.executable, "-m", "pcapdiag", "analyze", "-", "--format", "json"]
    done = subprocess.run(command, input=STORY.read_bytes(), capture_output=True, check=True)
    piped, named = json.loads(done.stdout), json.loads(run(STORY, "--format", "json").stdout)
    assert done.stderr == b""
    assert piped["captures"][0]["file"] == "-"
    assert piped["captures"][0]["sha256"] == named["captures"][0]["sha256"]
    assert piped["verdict"] == named["verdict"]


def test_two_files_are_one_analysis() -> None:
    report = json.loads(
        run(STORY, STORY.with_name("story-server.pcap.gz"), "--format", "json").stdout
    )
    assert [c["file"] for c in report["captures"]] == ["story.pcap", "story-server.pcap.gz"]


@pytest.mark.parametrize(("severity", "status"), [("error", 1), ("warning", 1), ("note", 1)])
def test_fail_on(severity: str, status: int) -> None:
    assert run(STORY, "--fail-on", severity).exit_code == status


def test_fail_on_lets_healthy_pass() -> None:
    result = run(HEALTHY, "--fail-on", "warning")
    assert result.stdout.startswith("Healthy: ")
    assert result.exit_code == 0


def refused(result: Result, *words: str) -> None:
    """Assert exit status 2 with one line that says these words."""
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    last = result.stderr.splitlines()[-1]
    assert last.startswith("Error: ")
    for word in words:
        assert word in last
    assert result.stdout == ""


def test_nothing_readable(tmp_path: Path) -> None:
    (tmp_path / "notes.pcap").write_text("no capture")
    (tmp_path / "empty.pcap").touch()
    refused(run(tmp_path / "gone.pcap"), "gone.pcap: ", "does not exist")
    refused(run(tmp_path), "folder", "pcapdiag audit")
    refused(run(tmp_path / "notes.pcap"), "notes.pcap: ")
    refused(run(tmp_path / "empty.pcap"), "empty")


def test_one_unreadable_of_two_is_a_limit(tmp_path: Path) -> None:
    result = run(STORY, tmp_path / "gone.pcap", "--format", "json")
    assert result.exit_code == 0
    limits = {limit["id"]: limit["summary"] for limit in json.loads(result.stdout)["limits"]}
    assert "gone.pcap" in limits["capture-unreadable"]
    assert result.stderr.startswith("pcapdiag: gone.pcap was left out: does not exist")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--vip", "mail.example"], "--vip mail.example"),
        (["--vip", "192.0.2.1:0"], "65535"),
        (["--balancer", "192.0.2.1:25"], "--balancer"),
        (["--server", "192.0.2.0/33"], "--server"),
        (["--topology", "gone.yaml"], "--topology gone.yaml"),
        (["--rules", "gone"], "--rules gone"),
        (["--point", "other.pcap=client"], "not among the files"),
        (["--point", f"{STORY}=moon"], "must be one of"),
        (["-o", "report.docx"], ".docx"),
        (["-o", "/proc/none/report.json"], "cannot write"),
        ([str(STORY)], "twice"),
        ([str(STORY.parent / ".." / "samples" / "story.pcap")], "twice"),
    ],
)
def test_wrong_use_says_what_and_what_now(arguments: list[str], word: str) -> None:
    refused(run(STORY, *arguments), word)


def test_no_file() -> None:
    refused(run(), "Missing argument 'FILE...'")


def test_named_roles_and_points_reach_the_report(tmp_path: Path) -> None:
    topology = tmp_path / "site.yaml"
    topology.write_text("server: 192.0.2.0/24\nvip: [192.0.2.99]\n")
    result = run(STORY, "--topology", topology, "--point", f"{STORY}=balancer", "--format", "json")
    report = json.loads(result.stdout)
    assert report["captures"][0]["point"] == "balancer"


def test_more_rules_with_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "my-rule.yaml").write_text("id: my-rule\n")
    result = run(STORY, "--rules", tmp_path)
    assert result.exit_code == 2
    assert "my-rule.yaml:1:" in result.stderr


def test_sessions_to_list() -> None:
    lines = {
        kind: len(run(STORY, "--sessions", kind).stdout) for kind in ("all", "affected", "none")
    }
    assert lines["all"] > lines["affected"] > lines["none"]
