"""The ladder as SVG: time goes down, one line of life an actor, frame and time at the left."""

from typing import Final

from pcapdiag.report import svg
from pcapdiag.report.diagrams import spoken
from pcapdiag.report.ladder import columns
from pcapdiag.report.model import Arrow, Picture
from pcapdiag.report.words import duration

WIDTH: Final = 680.0
LEFT: Final = 216.0
RIGHT: Final = 610.0
NUMBER: Final = 12.0
"""Centre of the column with the arrows' numbers."""
FRAME: Final = 82.0
TIME: Final = 154.0
"""Right edges of the columns with frame numbers and times."""

ROW: Final = 30.0
NOTE: Final = 1.0
"""More than its lines take below an arrow."""
BESIDE: Final = 6.0
"""Kept free between text and the lines of life beside it."""


def ladder_svg(picture: Picture, name: str) -> str:
    """Return the picture as an <svg> element; `name` must be unique in the page."""
    actors = columns(picture)
    step = (RIGHT - LEFT) / (len(actors) - 1) if len(actors) > 1 else 0.0
    at = {actor.name: LEFT + step * place for place, actor in enumerate(actors)}
    room = int((step or 200) / 7.6)
    head: list[str] = [
        svg.text("frame", (FRAME, 16), "axis", anchor="end"),
        svg.text("time", (TIME, 16), "axis", anchor="end"),
    ]
    deepest = 16.0
    for actor, x in zip(actors, at.values(), strict=True):
        head.append(svg.text(actor.name, (x, 16), "name", width=room))
        lines = [line for a in actor.addresses[:2] for line in svg.wrapped(a, min(room, 21), 3)]
        for place, line in enumerate(lines, 1):
            head.append(svg.text(line, (x, 16 + 14 * place), "address"))
        deepest = max(deepest, 16 + 14.0 * len(lines))
    y = deepest + 8
    rows: list[str] = []
    for arrow in picture.arrows:
        label, note = _beside(arrow, at, step or RIGHT - LEFT)
        y += ROW + svg.LABEL_LINE * (max(len(label), 1) - 1)
        rows.append(_row(arrow, at, y, label, note))
        if note:
            y += NOTE + svg.NOTE_LINE * len(note)
    lives = [
        svg.element("line", x1=x, y1=deepest + 8, x2=x, y2=y + 16, cls="life") for x in at.values()
    ]
    told = "; ".join(map(spoken, picture.arrows))
    content = "".join([*head, *lives, *rows])
    return svg.image(WIDTH, y + 20, name, picture.title, told, content)


def _beside(arrow: Arrow, at: dict[str, float], step: float) -> tuple[list[str], list[str]]:
    """Return the lines of an arrow's label and note: no longer than the arrow, or than one step."""
    source, destination = at.get(arrow.source), at.get(arrow.destination)
    room = step - BESIDE
    if source is not None and destination is not None and source != destination:
        room = abs(destination - source) - BESIDE
    return (
        svg.wrapped(arrow.label, int(room / svg.LABEL_CHARACTER), svg.MOST_LABEL),
        svg.wrapped(arrow.note, int(room / svg.NOTE_CHARACTER), svg.MOST_NOTE),
    )


def _row(arrow: Arrow, at: dict[str, float], y: float, label: list[str], note: list[str]) -> str:
    cls = "seen" if arrow.seen else "missing"
    frame = "\u2013" if arrow.frame is None else str(arrow.frame)
    parts = [svg.text(frame, (FRAME, y + 4), f"frame {cls}", anchor="end")]
    if arrow.offset_ns is not None:
        parts.append(svg.text(duration(arrow.offset_ns), (TIME, y + 4), "time", anchor="end"))
    parts.append(svg.badge(arrow.number, (NUMBER, y), cls))
    source, destination = at.get(arrow.source), at.get(arrow.destination)
    middle = LEFT
    if source is not None and destination is not None and source != destination:
        middle = (source + destination) / 2
        parts.append(svg.path([(source, y), (destination, y)], cls))
    else:
        middle = source if source is not None else destination or LEFT
    x = _inside(middle, label, svg.LABEL_CHARACTER)
    top = y - 7 - svg.LABEL_LINE * (len(label) - 1)
    parts.append(svg.lines(label, (x, top), f"label {cls}", svg.LABEL_LINE, arrow.label))
    x = _inside(middle, note, svg.NOTE_CHARACTER)
    parts.append(svg.lines(note, (x, y + 15), "note", svg.NOTE_LINE, arrow.note))
    return svg.element("g", "".join(parts))


def _inside(x: float, pieces: list[str], character: float) -> float:
    """Return the middle of text around `x`, moved so that all of it lies in the picture."""
    half = max(map(len, pieces), default=0) * character / 2
    return min(max(x, TIME + 14 + half), WIDTH - 4 - half)
