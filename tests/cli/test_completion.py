"""Completion scripts, and what they complete."""

import shutil
import subprocess

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from pcapdiag.cli import pcapdiag
from pcapdiag.cli.commands import COMMANDS


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_each(shell: str) -> None:
    result = CliRunner().invoke(pcapdiag, ["completion", shell])
    assert result.exit_code == 0
    assert "_PCAPDIAG_COMPLETE" in result.output


def test_bash_takes_its_script() -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    script = CliRunner().invoke(pcapdiag, ["completion", "bash"]).output
    subprocess.run([bash, "-n"], input=script, text=True, check=True)


def test_commands_and_options_complete() -> None:
    completion = ShellComplete(pcapdiag, {}, "pcapdiag", "_PCAPDIAG_COMPLETE")

    def complete(*words: str, start: str = "") -> list[str]:
        return [item.value for item in completion.get_completions(list(words), start)]

    assert complete() == list(COMMANDS)
    assert "--fail-on" in complete("analyze", start="--f")
    assert complete("analyze", "--fail-on") == ["note", "warning", "error"]
