from io import StringIO

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console, Group, RenderableType

from pcapdiag.report import rich_text


def shown(part: RenderableType, width: int = 60) -> str:
    stream = StringIO()
    Console(file=stream, width=width, color_system=None).print(
        Group(part), crop=False, highlight=False
    )
    return stream.getvalue()


@settings(deadline=None)
@given(st.text("ab[]/=:\\x1b ", min_size=1, max_size=40))
def test_a_line_to_be_copied_is_one_line_of_plain_text(line: str) -> None:
    text = shown(rich_text.one_line(line, 2), width=10)
    assert text.endswith("\n")
    # Some versions of rich take spaces from the end of a line.
    assert text.rstrip() == ("  " + line.replace("\x1b", r"\x1b")).rstrip()


def test_prose_keeps_paragraphs_and_drops_backticks() -> None:
    assert shown(rich_text.prose("Tick `A [b]`.\n\nThen\nwait.")) == "Tick A [b].\n\nThen wait.\n"


def test_a_table_folds_only_its_last_column() -> None:
    grid = rich_text.table(0, -1)
    grid.add_row(rich_text.styled("frame 1"), rich_text.styled("aaaa bbbb cccc"))
    assert [line.rstrip() for line in shown(grid, 16).splitlines()] == [
        "frame 1  aaaa",
        "         bbbb",
        "         cccc",
    ]
