"""The ladder: a session's packets as text, time going down, one column an actor.

Used by the formats that have only characters; :mod:`pcapdiag.report.diagrams` draws the same picture.
"""

from dataclasses import dataclass
from typing import Final

from pcapdiag.report.model import Actor, Arrow, Picture
from pcapdiag.report.words import duration, safe, shorten

ROLES: Final = ("client", "balancer", "server", "gateway")
"""Columns from left to right; actors with another role come last."""


@dataclass(frozen=True)
class Glyphs:
    """What lines are drawn with."""

    life: str
    line: str
    right: str
    left: str
    gap: str
    """Drawn in turn with `line` where an arrow is missing."""


ASCII: Final = Glyphs("|", "-", ">", "<", " ")
BOXES: Final = Glyphs("\u2502", "\u2500", "\u25b6", "\u25c0", " ")


@dataclass(frozen=True)
class Row:
    """One line of the ladder; `kind` is head, life, seen, missing, note or key."""

    kind: str
    text: str


def columns(picture: Picture) -> tuple[Actor, ...]:
    """Return the actors from left to right: client, balancer, server, gateway."""
    known = {role: place for place, role in enumerate(ROLES)}
    return tuple(sorted(picture.actors, key=lambda actor: known.get(actor.role, len(ROLES))))


def ladder(picture: Picture, width: int, glyphs: Glyphs = ASCII) -> list[Row]:
    """Draw a picture in lines of at most `width` characters; at least 60 are needed to be readable."""
    actors = columns(picture)
    if not actors:
        return []
    frames = [str(arrow.frame) for arrow in picture.arrows if arrow.frame is not None]
    gutter = max(5, *map(len, frames)) + 10 if frames else 15
    places = _places(len(actors), gutter, width)
    at = {actor.name: place for actor, place in zip(actors, places, strict=True)}
    rows = _head(actors, places, gutter, width)
    life = _life(places, glyphs, width)
    rows.append(Row("life", "".join(life).rstrip()))
    for arrow in picture.arrows:
        rows += _arrow(arrow, at, life, gutter, width, glyphs)
    rows.append(Row("life", "".join(life).rstrip()))
    if not all(arrow.seen for arrow in picture.arrows):
        dashes = (glyphs.line + glyphs.gap) * 2 + glyphs.line + glyphs.right
        rows.append(
            Row("key", f"{' ' * gutter}{dashes}  expected, or inferred; not in the capture")
        )
    return rows


def _places(count: int, gutter: int, width: int) -> list[int]:
    """Return the column of each lifeline, with room for half a name at both ends."""
    left, right = gutter + 7, width - 9
    if count == 1:
        return [left]
    return [left + (right - left) * i // (count - 1) for i in range(count)]


def _head(actors: tuple[Actor, ...], places: list[int], gutter: int, width: int) -> list[Row]:
    room = places[1] - places[0] - 1 if len(places) > 1 else 16
    titles = [safe(actor.name, 60) for actor in actors]
    addresses = [[safe(a, 60) for a in actor.addresses if a != actor.name] for actor in actors]
    fits = all(len(a) <= room for each in addresses for a in each[:2])
    lines = [[shorten(title, room) for title in titles]]
    lines += [[each[i] if len(each) > i else "" for each in addresses] for i in (0, 1) if fits]
    rows = []
    for index, cells in enumerate(lines):
        if not any(cells):
            continue
        canvas = (
            list(f"{'frame':>{gutter - 10}} {'time':>8} ".ljust(width))
            if index == 0
            else [" "] * width
        )
        for cell, place in zip(cells, places, strict=True):
            start = min(max(place - len(cell) // 2, gutter), width - len(cell))
            canvas[start : start + len(cell)] = cell
        rows.append(Row("head", "".join(canvas).rstrip()))
    if fits:
        return rows
    keys = [
        Row("key", f"{' ' * gutter}{shorten(title, 16)} = {', '.join(each[:4])}")
        for title, each in zip(titles, addresses, strict=True)
        if each
    ]
    return keys + rows


def _life(places: list[int], glyphs: Glyphs, width: int) -> list[str]:
    canvas = [" "] * width
    for place in places:
        canvas[place] = glyphs.life
    return canvas


def _arrow(
    arrow: Arrow, at: dict[str, int], life: list[str], gutter: int, width: int, glyphs: Glyphs
) -> list[Row]:
    frame = "-" if arrow.frame is None else str(arrow.frame)
    time = "" if arrow.offset_ns is None else duration(arrow.offset_ns)
    left = f"{frame:>{gutter - 10}} {time:>8} "
    source, destination = at.get(arrow.source), at.get(arrow.destination)
    text = f"{arrow.number} {safe(arrow.label, 200)}"
    notes = [safe(arrow.note, 200)] if arrow.note else []
    canvas = life.copy()
    if source is None or destination is None or source == destination:
        place = source if source is not None else destination
        start = gutter if place is None else place + 2
        under = [text, *notes]
    else:
        low, high = sorted((source, destination))
        span = high - low - 1
        dashes = ((glyphs.line if arrow.seen else glyphs.line + glyphs.gap) * span)[:span]
        canvas[low + 1 : high] = dashes
        to_right = destination > source
        canvas[high - 1 if to_right else low + 1] = glyphs.right if to_right else glyphs.left
        whole = f" {text} "
        under = notes
        if len(whole) > span - 3:
            whole, under = f" {arrow.number} ", [safe(arrow.label, 200), *notes]
        start = low + 1 + (span - len(whole) + 1) // 2
        canvas[start : start + len(whole)] = whole
        start = low + 2
    canvas[:gutter] = left
    kind = "seen" if arrow.seen else "missing"
    rows = [Row(kind, "".join(canvas).rstrip())]
    return rows + [Row("note", _under(line, start, life, width)) for line in under]


def _under(line: str, start: int, life: list[str], width: int) -> str:
    """Write a line below its arrow, over the lifelines; it moves left where it would not fit."""
    line = shorten(line, width - 1) + " "
    start = max(0, min(start, width - len(line)))
    canvas = life.copy()
    canvas[start : start + len(line)] = line
    return "".join(canvas).rstrip()
