"""Arrows between the same two actors as one line: its words, and the room that they take."""

from dataclasses import dataclass
from typing import Final

from pcapdiag.report import svg
from pcapdiag.report.model import Arrow, Picture

LANE_ROOM: Final = 137.0
"""Between two columns of boxes."""
BUS_ROOM: Final = 190.0
"""Below the balancer, beside what stands there."""


@dataclass(frozen=True)
class Strand:
    """All arrows from one actor to another that were seen, or all that were not."""

    source: str
    destination: str
    seen: bool
    arrows: tuple[Arrow, ...]

    def label(self, width: float) -> list[str]:
        """Return lines of the arrows' different labels, as many as fit; two dots stand for the rest."""
        room = int(width / svg.LABEL_CHARACTER)
        labels = list(dict.fromkeys(arrow.label for arrow in self.arrows))
        shown = labels[0]
        for place, label in enumerate(labels[1:], 2):
            rest = ", .." if place < len(labels) else ""
            if len(f"{shown}, {label}{rest}") > room:
                shown += ", .."
                break
            shown += f", {label}"
        return svg.wrapped(shown, room, svg.MOST_LABEL)

    @property
    def note(self) -> str:
        """The first note of its arrows."""
        return next((arrow.note for arrow in self.arrows if arrow.note), "")

    def notes(self, width: float) -> list[str]:
        """Return lines of the note."""
        return svg.wrapped(self.note, int(width / svg.NOTE_CHARACTER), svg.MOST_NOTE)

    def above(self, width: float) -> float:
        """Return how much lower the line lies than that of a strand with one line of label."""
        return svg.LABEL_LINE * (len(self.label(width)) - 1)

    @property
    def height(self) -> float:
        """Room for the label above the line, the badges on it and the notes below."""
        return 42.0 + self.above(LANE_ROOM) + svg.NOTE_LINE * len(self.notes(LANE_ROOM))

    @property
    def bus_height(self) -> float:
        """The same for a line below the balancer, where there is more room beside."""
        return 38.0 + svg.NOTE_LINE * len(self.notes(BUS_ROOM))


def strands_of(picture: Picture) -> list[Strand]:
    """Return the arrows between known actors, those that were not seen apart, in order of their first."""
    known = {actor.name for actor in picture.actors}
    together: dict[tuple[str, str, bool], list[Arrow]] = {}
    for arrow in picture.arrows:
        if arrow.source in known and arrow.destination in known:
            key = (arrow.source, arrow.destination, arrow.seen)
            together.setdefault(key, []).append(arrow)
    return [Strand(*key, tuple(arrows)) for key, arrows in together.items()]
