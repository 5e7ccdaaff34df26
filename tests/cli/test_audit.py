"""`pcapdiag audit` as its user meets it."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pcapdiag.cli import pcapdiag

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("site")
    shutil.copy(SAMPLES / "story.pcap", site / "monday.bin")
    shutil.copy(SAMPLES / "dnat-healthy.pcap.gz", site / "tuesday")
    (site / "broken.pcap").write_bytes((SAMPLES / "story.pcap").read_bytes()[:20])
    (site / "notes.txt").write_text("nothing")
    return site


def run(*arguments: object) -> Result:
    return CliRunner().invoke(pcapdiag, ["audit", *map(str, arguments)])


def test_a_folder(folder: Path, tmp_path: Path) -> None:
    assert run(folder, "--jobs", 2, "-o", tmp_path / "a.json").exit_code == 0
    value = json.loads((tmp_path / "a.json").read_text())
    verdicts = {row["file"]: row["verdict"] for row in value["captures"]}
    assert verdicts == {
        "broken.pcap": None,
        "monday.bin": "return-path-bypasses-balancer",
        "tuesday": "healthy",
    }
    assert str(folder) not in json.dumps(value)
    again = run(folder, "--jobs", 1, "--format", "json").stdout
    assert again == (tmp_path / "a.json").read_text()


def test_piped_is_text(folder: Path) -> None:
    result = run(folder)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("1 of 2 analysed captures shows trouble")
    assert "\x1b" not in result.stdout


def test_html_and_fail_on(folder: Path, tmp_path: Path) -> None:
    result = run(folder, "-o", tmp_path / "a.html", "--fail-on", "error")
    assert result.exit_code == 1
    assert "monday.bin" in (tmp_path / "a.html").read_text()
    assert run(folder / "tuesday", "--fail-on", "warning").exit_code == 0


def test_nothing_to_analyse(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert (result.exit_code, "holds no capture" in result.stderr) == (2, True)
    gone = run(tmp_path / "gone.pcap")
    assert gone.exit_code == 2
    assert "does not exist" in gone.stdout
    assert "none of the captures" in gone.stderr


def test_wrong_use(folder: Path) -> None:
    assert run(folder, "-o", "audit.docx").exit_code == 2
    assert run(folder, "--jobs", 0).exit_code == 2
    assert run(folder, "--vip", "nowhere").exit_code == 2
