"""Who talks to whom, as SVG: client left, balancer middle, servers right, gateway below.

Arrows between the same two parties share a line that carries their numbers, in packet order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pcapdiag.report import svg
from pcapdiag.report.model import Actor, Arrow, Picture
from pcapdiag.report.strands import BUS_ROOM, LANE_ROOM, Strand, strands_of
from pcapdiag.report.svg import Point
from pcapdiag.report.words import duration

WIDTH: Final = 680.0
BOX: Final = 124.0
TOP: Final = 8.0
GAP: Final = 16.0
"""Between boxes of one column."""

COLUMNS: Final = {"client": 10.0, "balancer": 273.0, "gateway": 273.0}
SERVERS: Final = 536.0
"""Left edge of the column for servers and for actors of any other role."""

MOST_BADGES: Final = 4


@dataclass
class _Box:
    """An actor's rectangle; `top` is known once its column is laid out."""

    actor: Actor
    left: float
    lines: tuple[str, ...]
    height: float
    top: float = 0.0

    @property
    def right(self) -> float:
        return self.left + BOX

    @property
    def bottom(self) -> float:
        return self.top + self.height


def drawing(picture: Picture, name: str) -> str:
    """Return the picture as an <svg> element; `name` must be unique in the page."""
    strands = strands_of(picture)
    boxes = {actor.name: _box(actor) for actor in picture.actors}
    height = _lay_out(boxes, strands)
    parts: list[str] = []
    placed: dict[str, float] = {}
    bus = height + 30
    for strand in strands:
        ends = boxes[strand.source], boxes[strand.destination]
        if _is_direct(*ends):
            parts.append(_direct(strand, *ends, placed))
        else:
            points, bus = _detour(strand, *ends, boxes, bus, placed)
            parts.append(_along(strand, points))
    gateways = [box for box in boxes.values() if box.actor.role == "gateway"]
    bottom = max([height, *(box.bottom for box in gateways), bus - 22 if bus > height + 30 else 0])
    rectangles = "".join(map(_rectangle, boxes.values()))
    told = "; ".join(map(spoken, picture.arrows))
    # Boxes come last: a line that passes through one is hidden behind it.
    return svg.image(WIDTH, bottom + 8, name, picture.title, told, "".join(parts) + rectangles)


def spoken(arrow: Arrow) -> str:
    """Return an arrow in words, for those who cannot see the picture."""
    where = f"frame {arrow.frame}" if arrow.frame is not None else "not in the capture"
    when = f", after {duration(arrow.offset_ns)}" if arrow.offset_ns is not None else ""
    note = f", {arrow.note}" if arrow.note else ""
    return f"{arrow.number}: {arrow.source} to {arrow.destination}: {arrow.label}{note} ({where}{when})"


def _box(actor: Actor) -> _Box:
    lines = [line for address in actor.addresses[:3] for line in svg.wrapped(address, 16, 4)]
    return _Box(actor, COLUMNS.get(actor.role, SERVERS), tuple(lines), 36 + 15 * len(lines))


def _is_direct(source: _Box, destination: _Box) -> bool:
    """Tell whether a straight line leads from one to the other: the balancer is one of them."""
    roles = {source.actor.role, destination.actor.role}
    return "balancer" in roles and len(roles) == 2 and "gateway" not in roles


def _lay_out(boxes: dict[str, _Box], strands: Sequence[Strand]) -> float:
    """Give every box its top and height; return where the upper part ends."""
    for box in boxes.values():
        lanes = [
            strand.height
            for strand in strands
            if box.actor.name in (strand.source, strand.destination)
            and _is_direct(boxes[strand.source], boxes[strand.destination])
        ]
        if box.actor.role != "balancer":
            box.height = max(box.height, sum(lanes) + 8)
    upper = [box for box in boxes.values() if box.actor.role != "gateway"]
    stacks = [
        [box for box in upper if box.left == left] for left in dict.fromkeys(b.left for b in upper)
    ]
    heights = [sum(box.height + GAP for box in stack) - GAP for stack in stacks]
    tallest = max(heights, default=0.0)
    for stack, stack_height in zip(stacks, heights, strict=True):
        # A lone balancer is as tall as its neighbours, so that straight lines reach it everywhere.
        alone = len(stack) == 1 and stack[0].actor.role == "balancer"
        if alone:
            stack[0].height = tallest
        top = TOP if alone else TOP + (tallest - stack_height) / 2
        for box in stack:
            box.top = top
            top += box.height + GAP
    below = TOP + tallest + 34
    for box in boxes.values():
        if box.actor.role == "gateway":
            served = [s for s in strands if box.actor.name in (s.source, s.destination)]
            box.height = max(box.height, 20 + 22 * len(served))
            box.top = below
            below += box.height + GAP
    return TOP + tallest


def _direct(strand: Strand, source: _Box, destination: _Box, placed: dict[str, float]) -> str:
    outer = destination if source.actor.role == "balancer" else source
    start = placed.get(outer.actor.name, outer.top + 4)
    placed[outer.actor.name] = start + strand.height
    y = start + 25 + strand.above(LANE_ROOM)
    if source.left < destination.left:
        points = [(source.right, y), (destination.left, y)]
    else:
        points = [(source.left, y), (destination.right, y)]
    return _along(strand, points)


def _detour(
    strand: Strand,
    source: _Box,
    destination: _Box,
    boxes: dict[str, _Box],
    bus: float,
    placed: dict[str, float],
) -> tuple[list[Point], float]:
    """Return the corners of a line that leads below the balancer, and where the next one may lie."""
    ends = [source, destination]
    if source is destination:
        x, y = source.right, source.top + 10 + 6 * _next(placed, f"{source.actor.name} loop")
        return [(x, y), (x + 12, y), (x + 12, y + 22), (x, y + 22)], bus
    gateways = [box for box in ends if box.actor.role == "gateway"]
    if gateways:
        gateway = gateways[0]
        other = ends[1] if ends[0] is gateway else ends[0]
        if other.left == gateway.left:
            x = gateway.left + 20 + 18 * _next(placed, f"{gateway.actor.name} top")
            points = [(x, other.bottom), (x, gateway.top)]
        else:
            side = gateway.right if other.left > gateway.left else gateway.left
            y = _lane(placed, f"{gateway.actor.name} {side}", gateway.top, strand)
            x = _foot(other, placed)
            points = [(x, other.bottom), (x, y), (side, y)]
            gateway.height = max(gateway.height, y + 14 - gateway.top)
        return (points if source is other else points[::-1]), bus
    through = next((box for box in boxes.values() if box.actor.role == "gateway"), None)
    y = bus + strand.above(BUS_ROOM)
    if through is not None:
        # With a gateway in the picture, what passes by the balancer passes through it.
        y = _lane(placed, f"{through.actor.name} {through.right}", through.top, strand)
        through.height = max(through.height, y + 14 - through.top)
    first, last = _foot(source, placed), _foot(destination, placed)
    corners = [(first, source.bottom), (first, y), (last, y), (last, destination.bottom)]
    points = (
        corners if through is None else [*corners[:2], *_sides(through, y, first), *corners[2:]]
    )
    return points, max(bus, y + strand.bus_height)


def _sides(box: _Box, y: float, start: float) -> list[Point]:
    """Return where a line from `start` enters and leaves a box: the label goes beside it."""
    sides = [(box.left, y), (box.right, y)]
    return sides if start < box.left else sides[::-1]


def _next(placed: dict[str, float], key: str) -> int:
    """Count the lines that use a side of a box."""
    count = int(placed.get(key, 0))
    placed[key] = count + 1
    return count


def _lane(placed: dict[str, float], key: str, top: float, strand: Strand) -> float:
    """Return where beside a gateway the next line lies, each below the last."""
    y = max(placed.get(key, 0.0), top + 24) + strand.above(BUS_ROOM)
    placed[key] = y + strand.bus_height
    return y


def _foot(box: _Box, placed: dict[str, float]) -> float:
    """Return where on the lower edges of a column the next line begins or ends.

    Later lines lie lower and begin farther out, so that they do not cross the earlier ones.
    """
    count = _next(placed, f"foot {box.left}")
    outward = 1 if box.left > COLUMNS["balancer"] else -1
    return box.left + BOX / 2 + outward * (0, 22, 44, -22, -44)[count % 5]


def _along(strand: Strand, points: list[Point]) -> str:
    """Draw a strand: its line, the numbers on its longest horizontal part, label and note beside."""
    cls = "seen" if strand.seen else "missing"
    (x0, y0), (x1, y1) = max(
        pairwise(points),
        key=lambda segment: (segment[0][1] == segment[1][1], abs(segment[0][0] - segment[1][0])),
    )
    x, y = min((x0 + x1) / 2, WIDTH - 60), (y0 + y1) / 2
    room = LANE_ROOM if len(points) == 2 else BUS_ROOM
    whole = ", ".join(dict.fromkeys(arrow.label for arrow in strand.arrows))
    parts = [svg.path(points, cls)]
    words = [str(arrow.number) for arrow in strand.arrows]
    hints = [spoken(arrow) for arrow in strand.arrows]
    if len(words) > MOST_BADGES + 1:
        words[MOST_BADGES:] = [f"+{len(words) - MOST_BADGES}"]
    left = x - 10 * (len(words) - 1)
    for place, word in enumerate(words):
        parts.append(svg.badge(word, (left + 20 * place, y), cls, hints[place]))
    shown = strand.label(room)
    top = y - 13 - strand.above(room)
    parts.append(svg.lines(shown, (x, top), f"label {cls}", svg.LABEL_LINE, whole))
    below = x, y + 21
    parts.append(svg.lines(strand.notes(room), below, "note", svg.NOTE_LINE, strand.note))
    return svg.element("g", "".join(parts))


def _rectangle(box: _Box) -> str:
    role = box.actor.role if box.actor.role in ("client", "balancer", "server", "gateway") else ""
    middle = box.left + BOX / 2
    shape = svg.element(
        "rect", x=box.left, y=box.top, width=BOX, height=box.height, rx=8, cls=f"box {role}".strip()
    )
    y = box.top + box.height / 2 - 7.5 * len(box.lines) + 4
    parts = [shape, svg.text(box.actor.name, (middle, y), "name", width=18)]
    for place, line in enumerate(box.lines, 1):
        parts.append(svg.text(line, (middle, y + 15 * place), "address"))
    return svg.element("g", "".join(parts))
