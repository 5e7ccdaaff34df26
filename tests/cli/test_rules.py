"""`pcapdiag rules`: the shipped rules shown, one's own checked."""

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from pcapdiag.cli import pcapdiag
from pcapdiag.rules import load


def run(*arguments: object) -> Result:
    return CliRunner().invoke(pcapdiag, ["rules", *map(str, arguments)])


def test_list_has_every_rule_once() -> None:
    lines = run("list").stdout.splitlines()
    listed = [line.split()[0] for line in lines if line.startswith("  ")]
    assert sorted(listed) == sorted(rule.id for rule in load())


@pytest.mark.parametrize("name", sorted(rule.id for rule in load()))
def test_show_every_rule(name: str) -> None:
    result = run("show", name)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"{name}: ")
    assert "Holds when" in lines
    assert all(len(line) <= 100 or " " not in line.strip() for line in lines[1:-1])


def test_show_an_unknown_rule() -> None:
    result = run("show", "back-syn-unansweerd")
    assert result.exit_code == 2
    assert "did you mean 'back-syn-unanswered'?" in result.stderr
    assert "did you mean 'snat-for-local-clients'?" in run("show", "snat").stderr


def test_check() -> None:
    result = run("check")
    assert (result.exit_code, result.stdout) == (
        0,
        f"{len(list(load()))} rules without mistakes.\n",
    )


GOOD = """id: my-rule
title: A session failed
severity: note
scope: session
when: "{when}"
summary: It failed.
means: It failed.
tests: {{fires: [], silent: []}}
"""


def test_check_one_s_own(tmp_path: Path) -> None:
    rule = tmp_path / "mine" / "my-rule.yaml"
    rule.parent.mkdir()
    rule.write_text(GOOD.format(when="session.outcome = 'failed'"))
    result = run("check", tmp_path)
    assert (result.exit_code, result.stdout) == (0, "1 rule without mistakes.\n")


@pytest.mark.parametrize(
    "when", ["session.outcom = 'failed'", "session.outcome = = 'x'", "no_such(1)"]
)
def test_check_names_the_line_of_a_mistake(tmp_path: Path, when: str) -> None:
    (tmp_path / "my-rule.yaml").write_text(GOOD.format(when=when))
    result = run("check", tmp_path)
    assert result.exit_code == 2
    assert "my-rule.yaml:5: " in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_that_is_none() -> None:
    assert run("check", "gone").stderr.endswith("Error: gone: no such folder.\n")
    assert "--rules gone: no such folder" in run("list", "--rules", "gone").stderr


def test_a_folder_without_rules_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "my-rule.yml").touch()
    result = run("check", tmp_path)
    assert result.exit_code == 2
    assert "holds no rule; rules are files named <id>.yaml" in result.stderr


def test_what_is_to_be_copied_is_not_broken() -> None:
    shown = run("show", "snat-for-local-clients").stdout
    for link in next(rule for rule in load() if rule.id == "snat-for-local-clients").references:
        assert link in shown


def test_rule_names_complete() -> None:
    completion = ShellComplete(pcapdiag, {}, "pcapdiag", "_PCAPDIAG_COMPLETE")
    found = [item.value for item in completion.get_completions(["rules", "show"], "return-path")]
    assert found == ["return-path-bypasses-balancer"]
