"""Small pieces of rich text for the terminal report; rich's markup is read in none of them."""

from typing import TYPE_CHECKING

from pcapdiag.report.words import paragraphs, safe, spans

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


def styled(text: str, style: str = "") -> "Text":
    """Return our own or safe words as they are; text from elsewhere goes through `words.safe`."""
    from rich.text import Text

    return Text(text, style=style)


def one_line(line: str, indent: int) -> "Text":
    """Return a line to be copied: it runs over the edge rather than be broken."""
    text = styled(" " * indent + safe(line), "cyan")
    text.no_wrap = True
    text.overflow = "ignore"
    return text


def heading(title: str, beside: str = "") -> "Text":
    """Return a section's title with an empty line above it."""
    text = styled("\n")
    text.append(title, style="bold underline")
    return text.append(f"  {safe(beside)}", style="dim") if beside else text


def subheading(title: str) -> "Text":
    """Return the title of a part of a section."""
    return styled(f"\n{title}", "dim")


def prose(text: str, style: str = "") -> "Text":
    """Return a rule's text as lines, its `code` in another colour."""
    result = styled("", style)
    for place, paragraph in enumerate(paragraphs(text)):
        if place:
            result.append("\n\n")
        for is_code, part in spans(paragraph):
            result.append(part, style="cyan" if is_code else "")
    return result


def spaced(text: "Text") -> "Text":
    """Put an empty line above."""
    return styled("\n").append_text(text)


def table(*columns: int) -> "Table":
    """Return a table without lines; a column given as 0 takes what it needs, -1 folds its text."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    for width in columns:
        grid.add_column(no_wrap=width >= 0, overflow="fold")
    return grid
