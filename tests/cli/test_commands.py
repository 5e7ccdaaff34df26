"""The program as a process: quick to start, quiet when interrupted or not read, help everywhere."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pcapdiag import __version__
from pcapdiag.cli import pcapdiag
from pcapdiag.cli.commands import COMMANDS, INTERRUPTED, PIPE_CLOSED, Commands

STORY = Path(__file__).parents[2] / "samples" / "story.pcap"
PROGRAM = [sys.executable, "-m", "pcapdiag"]


def commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*words, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))


@pytest.mark.parametrize("words", [(), *commands(pcapdiag)], ids=" ".join)
def test_every_command_has_help(words: tuple[str, ...]) -> None:
    for option in ("--help", "-h"):
        result = CliRunner().invoke(pcapdiag, [*words, option])
        assert result.exit_code == 0
        assert result.output.startswith("Usage: ")
        assert "\\b" not in result.output


@pytest.mark.parametrize("words", list(commands(pcapdiag)), ids=" ".join)
def test_every_option_says_what_it_does(words: tuple[str, ...]) -> None:
    command: click.Command = pcapdiag
    for word in words:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), word)
        assert found is not None
        command = found
    assert command.help
    silent = [o.name for o in command.params if isinstance(o, click.Option) and not o.help]
    assert silent == []


def test_the_list_says_what_the_commands_say() -> None:
    for name, line in COMMANDS.items():
        command = pcapdiag.get_command(click.Context(pcapdiag), name)
        assert command is not None
        assert command.get_short_help_str(200) == line.removesuffix(".") + "."


def test_version() -> None:
    assert CliRunner().invoke(pcapdiag, ["--version"]).output == f"pcapdiag {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["analyze", "--help"], ["audit", "--help"]]
)
def test_what_needs_no_capture_imports_nothing_heavy(arguments: list[str]) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "pcapdiag", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    imported = {line.split("|")[-1].strip() for line in done.stderr.splitlines() if "|" in line}
    assert "click" in imported
    heavy = {
        "numpy",
        "numba",
        "llvmlite",
        "duckdb",
        "scipy",
        "jinja2",
        "rich",
        "yaml",
        "pyshark",
        "zstandard",
    }
    assert heavy & imported == set()


def test_starts_within_a_third_of_a_second() -> None:
    def seconds() -> float:
        before = time.monotonic()
        subprocess.run([*PROGRAM, "--version"], capture_output=True, check=True)
        return time.monotonic() - before

    # The best of several: other work on the machine is not the program's.
    assert min(seconds() for _ in range(7)) < 0.3


def test_unknown_command_is_wrong_use() -> None:
    result = CliRunner().invoke(pcapdiag, ["analyse", "x"])
    assert result.exit_code == 2
    assert "No such command 'analyse'; did you mean 'analyze'?" in result.output
    assert "No such command 'xyz'." in CliRunner().invoke(pcapdiag, ["xyz"]).output


def test_a_terminal_that_is_not_in_utf_8_shows_what_it_can() -> None:
    ours, its = pty.openpty()
    command = [*PROGRAM, "analyze", str(STORY)]
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "TERM": "dumb"}
    with subprocess.Popen(command, stdout=its, stderr=its, env=environment) as program:
        os.close(its)
        said = b"".join(chunks_of(ours))
    os.close(ours)
    assert program.returncode == 0
    assert b"return-path-bypasses-balancer" in said
    assert said.isascii()


def chunks_of(terminal: int) -> Iterator[bytes]:
    """Read a terminal until the last program on it has ended, which Linux tells by an error."""
    try:
        while chunk := os.read(terminal, 1 << 16):
            yield chunk
    except OSError:
        return


def test_interrupted_is_quiet() -> None:
    group = Commands("pcapdiag")

    @click.command()
    def interrupted() -> None:
        raise KeyboardInterrupt

    group.get_command = lambda ctx, cmd_name: interrupted  # type: ignore[method-assign]
    result = CliRunner().invoke(group, ["analyze"])
    assert (result.exit_code, result.output) == (INTERRUPTED, "")


def test_ctrl_c_while_reading_standard_input() -> None:
    program = subprocess.Popen(
        [*PROGRAM, "analyze", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert program.stdin is not None
    program.stdin.write(STORY.read_bytes()[:100])
    program.stdin.flush()
    # It reads from us until it is interrupted: once the pipe is drained, it is past its start.
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not waits_for_input(program.pid):
        time.sleep(0.05)
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=30)
    assert (program.returncode, out, err) == (INTERRUPTED, b"", b"")


def waits_for_input(pid: int) -> bool:
    """Return whether the process sleeps in a read of its standard input (Linux)."""
    try:
        call = Path(f"/proc/{pid}/syscall").read_text().split()
    except OSError:
        return False
    return call[:2] == ["0", "0x0"]


@pytest.mark.parametrize("arguments", [["facts", "flow"], ["analyze", str(STORY)]])
def test_nobody_reads(arguments: list[str]) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run(
            [*PROGRAM, *arguments], stdout=write_end, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(write_end)
    assert (done.returncode, done.stderr) == (PIPE_CLOSED, b"")
