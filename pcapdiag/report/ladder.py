"""The ladder: a session's packets as text, time going down, one column an actor.

Used by the formats that have only characters; :mod:`pcapdiag.report.diagrams` draws the same picture.
"""

from dataclasses import dataclass
from typing import Final

from pcapdiag.report.model import Actor, Arrow, Picture
from pcapdiag.report.outline import first
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


def ladder(
    picture: Picture, width: int, glyphs: Glyphs = ASCII, most: int | None = None
) -> list[Row]:
    """Draw a picture in lines of at most `width` characters, or 60 where that is more.

    At most `most` arrows are drawn, a last line counts the others; None: all.
    """
    width = max(width, 60)
    actors = columns(picture)
    if not actors:
        return []
    rooms = _rooms(picture.arrows)
    gutter = sum(rooms) + 2
    places = _places(len(actors), gutter, width)
    at = {actor.name: place for actor, place in zip(actors, places, strict=True)}
    rows = _head(actors, places, rooms, width)
    life = _life(places, glyphs, width)
    rows.append(Row("life", "".join(life).rstrip()))
    some = first(picture.arrows, len(picture.arrows) if most is None else most)
    for arrow in some.shown:
        rows += _arrow(arrow, at, life, rooms, width, glyphs)
    rows.append(Row("life", "".join(life).rstrip()))
    if some.more:
        rows.append(Row("key", f"{' ' * gutter}and {some.more} more"))
    if not all(arrow.seen for arrow in some.shown):
        dashes = (glyphs.line + glyphs.gap) * 2 + glyphs.line + glyphs.right
        rows.append(Row("key", f"{' ' * gutter}{dashes}  inferred, not in the capture"))
    return rows


def _rooms(arrows: tuple[Arrow, ...]) -> tuple[int, int]:
    """Return the widths of the columns for frame numbers and times."""
    frames = (len(str(arrow.frame)) for arrow in arrows if arrow.frame is not None)
    times = (len(duration(arrow.offset_ns)) for arrow in arrows)
    return max(5, *frames, 0), max(8, *times, 0)


def _places(count: int, gutter: int, width: int) -> list[int]:
    """Return the column of each lifeline, with room for half a name at both ends."""
    left, right = gutter + 7, width - 9
    if count == 1:
        return [left]
    return [left + (right - left) * i // (count - 1) for i in range(count)]


def _head(
    actors: tuple[Actor, ...], places: list[int], rooms: tuple[int, int], width: int
) -> list[Row]:
    gutter = sum(rooms) + 2
    step = places[1] - places[0] if len(places) > 1 else 24
    # The outer names may have to move inward by a few columns and must not meet the next one.
    room = min(step - 1, 2 * (step + 6) // 3)
    titles = [safe(actor.name, 60) for actor in actors]
    addresses = [[safe(a, 60) for a in actor.addresses if a != actor.name] for actor in actors]
    fits = all(len(a) <= room for each in addresses for a in each[:2])
    lines = [[shorten(title, room) for title in titles]]
    if fits:
        lines += [[each[i] if len(each) > i else "" for each in addresses] for i in (0, 1)]
    rows = [] if fits else _keys(titles, addresses, gutter)
    for index, cells in enumerate(lines):
        canvas = [" "] * width
        if index == 0:
            canvas[:gutter] = f"{'frame':>{rooms[0]}} {'time':>{rooms[1]}} "
        for cell, place in zip(cells, places, strict=True):
            start = min(max(place - len(cell) // 2, gutter), width - len(cell))
            canvas[start : start + len(cell)] = cell
        if any(cells):
            rows.append(Row("head", "".join(canvas).rstrip()))
    return rows


def _keys(titles: list[str], addresses: list[list[str]], gutter: int) -> list[Row]:
    """Return the addresses beside their actors' names, for those too long to stand in a column."""
    titles = [shorten(title, 20) for title in titles]
    room = max(map(len, titles))
    return [
        Row("key", f"{' ' * gutter}{title if n == 0 else '':{room}}  {address}")
        for title, each in zip(titles, addresses, strict=True)
        for n, address in enumerate(each[:2])
    ]


def _life(places: list[int], glyphs: Glyphs, width: int) -> list[str]:
    canvas = [" "] * width
    for place in places:
        canvas[place] = glyphs.life
    return canvas


def _arrow(
    arrow: Arrow,
    at: dict[str, int],
    life: list[str],
    rooms: tuple[int, int],
    width: int,
    glyphs: Glyphs,
) -> list[Row]:
    frame = "-" if arrow.frame is None else str(arrow.frame)
    time = "" if arrow.offset_ns is None else duration(arrow.offset_ns)
    left = f"{frame:>{rooms[0]}} {time:>{rooms[1]}} "
    source, destination = at.get(arrow.source), at.get(arrow.destination)
    text = f"{arrow.number} {safe(arrow.label, 200)}"
    notes = [safe(arrow.note, 200)] if arrow.note else []
    canvas = life.copy()
    if source is None or destination is None or source == destination:
        place = source if source is not None else destination
        start = len(left) if place is None else place + 2
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
    canvas[: len(left)] = left
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
