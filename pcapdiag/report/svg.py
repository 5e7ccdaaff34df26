"""Pieces of SVG as text: everything from outside is made safe and escaped here.

Source: SVG 1.1 (W3C).  Colours come from classes that the page's style sheet defines.
"""

from collections.abc import Sequence
from html import escape
from typing import Final

from pcapdiag.report.words import safe, shorten

Point = tuple[float, float]

CHARACTER: Final = 0.6
"""Width of a character by its font size: exact for the monospaced text, generous for the other."""
LABEL_CHARACTER, NOTE_CHARACTER = 7.6, 6.6
"""The same for what stands beside arrows, in their sizes and a wide font."""
LABEL_LINE, NOTE_LINE = 14.0, 13.0
"""From one line of them to the next."""
MOST_LABEL, MOST_NOTE = 4, 6
"""Lines of them."""


def element(name: str, content: str = "", **attributes: float | str) -> str:
    """Return one element; `content` is markup, attribute values are escaped.

    Underscores in attribute names become dashes; ``cls`` stands for ``class``.
    """
    words = "".join(
        f' {"class" if key == "cls" else key.replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{words}>{content}</{name}>" if content else f"<{name}{words}/>"


def _value(value: float | str) -> str:
    if isinstance(value, str):
        return escape(safe(value))
    return f"{value:.1f}".removesuffix(".0")


def image(width: float, height: float, name: str, title: str, told: str, content: str) -> str:
    """Return an <svg> that says what it shows: `title`, and `told`, the picture in words.

    `name` is unique in its page and ties the title to the image.
    """
    head = element("title", escape(safe(title)) or " ", id=f"{name}-title")
    head += element("desc", escape(safe(told, 8000)) or " ", id=f"{name}-told")
    return element(
        "svg",
        head + content,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_value(width)} {_value(height)}",
        role="img",
        aria_labelledby=f"{name}-title {name}-told",
        cls=name.rstrip("0123456789-"),
    )


def text(
    content: str, at: Point, cls: str, *, width: int = 200, anchor: str = "middle", hint: str = ""
) -> str:
    """Return text of at most `width` characters; the whole (or `hint`) shows when pointed at."""
    whole = safe(content)
    shown = shorten(whole, width)
    tip = hint or (whole if shown != whole else "")
    inner = (element("title", escape(safe(tip))) if tip else "") + escape(shown)
    if not shown:
        return ""
    return element("text", inner, x=at[0], y=at[1], cls=cls, text_anchor=anchor)


def wrapped(line: str, width: int, most: int) -> list[str]:
    """Cut a line into at most `most` pieces of about `width`, at spaces, else at colons or dots."""
    rest, pieces = safe(line, 400), list[str]()
    while len(rest) > width and len(pieces) < most - 1:
        places = (rest.rfind(mark, width // 3, width) + 1 for mark in " :.")
        cut = next(filter(None, places), width)
        pieces.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [*pieces, shorten(rest, width)] if rest else pieces


def lines(pieces: Sequence[str], at: Point, cls: str, leading: float, whole: str) -> str:
    """Return lines of text below each other; `whole` shows when pointed at where they are less."""
    cut = bool(pieces) and pieces[-1].endswith("..")
    hint = whole if cut else ""
    return "".join(
        text(piece, (at[0], at[1] + leading * place), cls, hint=hint)
        for place, piece in enumerate(pieces)
    )


def path(points: Sequence[Point], cls: str, radius: float = 10) -> str:
    """Return a line through points with rounded corners, and its arrow head at the last.

    Every segment is horizontal or vertical.
    """
    x, y = points[0]
    steps = [f"M{x:.1f} {y:.1f}"]
    for (x0, y0), (x1, y1), (x2, y2) in zip(points, points[1:], points[2:], strict=False):
        r = min(radius, _length((x0, y0), (x1, y1)) / 2, _length((x1, y1), (x2, y2)) / 2)
        bx, by = _toward((x1, y1), (x0, y0), r)
        ax, ay = _toward((x1, y1), (x2, y2), r)
        steps.append(f"L{bx:.1f} {by:.1f}Q{x1:.1f} {y1:.1f} {ax:.1f} {ay:.1f}")
    # The line ends inside its head, or its square end would show at the tip.
    ex, ey = _toward(points[-1], points[-2], 6)
    steps.append(f"L{ex:.1f} {ey:.1f}")
    return element("path", d="".join(steps), cls=f"line {cls}") + _head(points[-2], points[-1], cls)


def _head(before: Point, tip: Point, cls: str) -> str:
    bx, by = _toward(tip, before, 9)
    dx, dy = (by - tip[1]) * 0.45, (bx - tip[0]) * 0.45
    corners = (tip, (bx + dx, by + dy), (bx - dx, by - dy))
    return element(
        "polygon", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in corners), cls=f"head {cls}"
    )


def _length(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _toward(start: Point, end: Point, distance: float) -> Point:
    length = _length(start, end)
    if not length:
        return start
    share = distance / length
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def badge(number: int | str, at: Point, cls: str, hint: str = "") -> str:
    """Return a number in a circle, or in a pill when it is long."""
    word = str(number)
    half = 9 if len(word) < 3 else 5 + 3.4 * len(word)
    shape = element(
        "rect", x=at[0] - half, y=at[1] - 9, width=2 * half, height=18, rx=9, cls=f"badge {cls}"
    )
    label = element(
        "text", escape(word), x=at[0], y=at[1] + 3.8, cls="number", text_anchor="middle"
    )
    tip = element("title", escape(safe(hint))) if hint else ""
    return element("g", tip + shape + label, cls=cls)
