"""The terminal report on consoles of several kinds."""

from io import StringIO

import pytest
from rich.console import Console

from pcapdiag.report import terminal
from tests.report.stories import STORIES, STORY, hostile


class Plain(StringIO):
    """A stream that can only show ASCII, as with LANG=C."""

    encoding = "ascii"


def shown(console: Console) -> str:
    stream = console.file
    assert isinstance(stream, StringIO)
    return stream.getvalue()


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("story", STORIES)
def test_it_fits_the_terminal(story: str, width: int) -> None:
    console = Console(file=StringIO(), width=width, color_system=None)
    terminal.show(STORIES[story], console)
    lines = shown(console).splitlines()
    # What is to be copied is never broken: the terminal wraps it, and the mouse gets it whole.
    copied = ("see http", "tcpdump", "frame.number")
    assert [x for x in lines if len(x.rstrip()) > width and not x.strip().startswith(copied)] == []


def test_what_is_to_be_copied_stays_in_one_line() -> None:
    console = Console(file=StringIO(), width=40, color_system=None)
    terminal.show(STORY, console)
    lines = [line.strip() for line in shown(console).splitlines()]
    assert STORY.findings[0].next_capture[0].command in lines
    assert STORY.findings[0].wireshark_filter in lines


def test_colour_adds_nothing_but_colour() -> None:
    plain = Console(file=StringIO(), width=100, color_system=None)
    coloured = Console(file=StringIO(), width=100, force_terminal=True, color_system="truecolor")
    terminal.show(STORY, plain)
    terminal.show(STORY, coloured)
    import re

    without = re.sub(r"\x1b\[[0-9;]*m", "", shown(coloured))
    assert "\x1b[" in shown(coloured)
    assert without == shown(plain)


def test_a_plain_terminal_gets_plain_characters() -> None:
    console = Console(file=Plain(), width=80, color_system=None)
    terminal.show(STORY, console)
    assert shown(console).isascii()


def test_markup_and_escapes_in_a_text_are_only_text() -> None:
    console = Console(file=StringIO(), width=120, force_terminal=True, color_system="truecolor")
    terminal.show(hostile("[red]x[/red][link=http://a]y[/link]\x1b]0;title\x07:smile:"), console)
    text = shown(console)
    assert "[red]x[/red]" in text
    assert ":smile:" in text
    assert "\x1b]" not in text
    assert "\\x1b]0;title\\x07" in text
