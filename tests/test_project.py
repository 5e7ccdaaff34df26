"""The project around the program: what is shipped, what is set up, what CI runs."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Final

import pytest

import pcapdiag

ROOT: Final = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as users install it, built from the checkout with what is installed."""
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    done = subprocess.run([*build, str(ROOT)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = out.glob("*.whl")
    return zipfile.ZipFile(file)


def test_wheel_has_every_rule(wheel: zipfile.ZipFile) -> None:
    expected = {f"pcapdiag/rules/pack/{p.relative_to(ROOT / 'rules')}" for p in rule_files()}
    assert len(expected) >= 20
    assert {name for name in wheel.namelist() if "/pack/" in name} == expected


def rule_files() -> list[Path]:
    return [path for path in (ROOT / "rules").rglob("*") if path.is_file()]


def test_wheel_has_every_module_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "pcapdiag").rglob("*.py")}
    assert {name for name in wheel.namelist() if name.endswith(".py")} == modules
    assert {name.split("/")[0].split("-")[0] for name in wheel.namelist()} == {"pcapdiag"}


def test_installed_wheel_finds_its_rules(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """Away from the checkout there is no top-level rules folder to fall back on."""
    wheel.extractall(tmp_path)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import pcapdiag; from pcapdiag import rules\n"
        "assert pcapdiag.__file__.startswith(sys.argv[1]), pcapdiag.__file__\n"
        "print(len(list(rules.load(()))))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(list((ROOT / "rules").glob("*/*.yaml")))


def test_changelog_begins_with_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\S+)", text, re.MULTILINE)
    assert versions[0] == pcapdiag.__version__


def test_ci_runs_the_readme_s_test_command_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    code = [line for line in lines if line and not line.startswith("#")]
    assert len(code) == 1
    command = code[0].split("exec ")[1]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"^ *{re.escape(command)}$", readme, re.MULTILINE)


@pytest.mark.parametrize("script", ["tests/setup.sh", "tests/run.sh", "samples/demo.sh"])
def test_scripts_are_plain_shell(script: str) -> None:
    """Debian's sh reads them, and they can be started from any folder."""
    assert subprocess.run(["sh", "-n", str(ROOT / script)], check=False).returncode == 0
    assert 'cd "$(dirname "$0")/.."' in (ROOT / script).read_text(encoding="utf-8")


def test_setup_says_how_to_use_it() -> None:
    command = ["sh", str(ROOT / "tests" / "setup.sh"), "everything"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "usage" in done.stderr


def test_licence_is_the_one_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_top_level_is_short() -> None:
    listing = ["git", "ls-files"]
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    top = {line.split("/")[0] for line in done.stdout.splitlines()}
    assert top == {
        ".ci", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md",
        "docs", "pcapdiag", "pyproject.toml", "rules", "samples", "tests",
    }  # fmt: skip
