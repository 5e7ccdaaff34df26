"""The documentation says what the program does: pages are fresh, and nothing is without a sentence."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import click
import pytest
import yaml

from docs import generate
from pcapdiag.facts.vocabulary import TABLES

ROOT: Final = Path(__file__).resolve().parents[1]
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS: Final = list(generate.commands())
RULES: Final = sorted((ROOT / "rules").glob("*/*.yaml"))
LINK: Final = re.compile(r"\]\((?!https?:)([^)#]+)")


def test_pages_are_fresh() -> None:
    stale = [
        name
        for name, text in generate.pages().items()
        if (ROOT / name).read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run: make update"


@pytest.mark.parametrize(
    "command", [c for _, c in COMMANDS], ids=[" ".join(w) for w, _ in COMMANDS]
)
def test_command_and_options_have_help(command: click.Command) -> None:
    assert command.help
    assert len(command.help.splitlines()[0]) > 10
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{parameter.name} has no help"


def test_rules_are_there() -> None:
    assert len(RULES) >= 20


@pytest.mark.parametrize("path", RULES, ids=[path.stem for path in RULES])
def test_rule_has_its_sentences(path: Path) -> None:
    rule = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key in ("title", "summary", "means"):
        assert str(rule[key]).strip(), f"{key} is empty"
    assert str(rule["means"]).strip()[-1] in ".!?})", "`means` is not a sentence"


def test_columns_have_meanings() -> None:
    silent = [f"{t.name}.{c.name}" for t in TABLES for c in t.columns if not c.meaning.strip()]
    assert silent == []


def test_readme_shows_what_the_program_prints() -> None:
    """The first block of the README is the beginning of the story's report, word for word."""
    shown = README.split("```")[1].partition("\n")[2].strip("\n")
    command, _, expected = shown.partition("\n")
    words = command.removeprefix("$ ").split()
    assert words[0] == "pcapdiag"
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    printed = done.stdout.strip("\n")
    for part in expected.split("\n[...]\n"):
        assert part.strip("\n") in printed, f"the program no longer prints:\n{part}"
    assert README.index("```") < README.index("\n## "), "the verdict belongs on the first screen"


def test_readme_scripts_exist() -> None:
    scripts = re.findall(r"^ *sh ([\w./]+)", README, re.MULTILINE)
    assert len(scripts) >= 2
    for script in scripts:
        assert (ROOT / script).is_file()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert [link for link in LINK.findall(text) if not (ROOT / link).exists()] == []


def test_links_lead_to_headings() -> None:
    text = generate.rules_page()
    headings = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings
