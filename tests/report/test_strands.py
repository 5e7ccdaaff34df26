"""Arrows put together: which go together, and what is said of them in how many lines."""

import pytest

from pcapdiag.report.diagrams import BOX, COLUMNS, SERVERS
from pcapdiag.report.model import Actor, Arrow, Picture
from pcapdiag.report.strands import LANE_ROOM, Strand, strands_of
from pcapdiag.report.svg import LABEL_LINE, NOTE_LINE

ACTORS = tuple(Actor(name, name, ()) for name in ("client", "balancer"))


def arrow(number: int, label: str, *, seen: bool = True, to: str = "balancer") -> Arrow:
    return Arrow(number, "client", to, label, number, 0, seen)


def strand(*labels: str, note: str = "") -> Strand:
    arrows = tuple(
        Arrow(n, "client", "balancer", label, n, 0, True, note) for n, label in enumerate(labels, 1)
    )
    return Strand("client", "balancer", True, arrows)


def test_arrows_go_together_that_go_the_same_way_and_were_seen_alike() -> None:
    arrows = (
        arrow(1, "SYN"), arrow(2, "SYN", seen=False), arrow(3, "ACK"), arrow(4, "x", to="nobody"),
    )  # fmt: skip
    found = strands_of(Picture("any", 1, False, ACTORS, arrows))
    assert [[a.number for a in each.arrows] for each in found] == [[1, 3], [2]]


@pytest.mark.parametrize(
    ("labels", "lines"),
    [
        (("SYN", "SYN", "ACK"), ["SYN, ACK"]),
        (("SYN", "ACK", "DATA", "FIN, ACK"), ["SYN, ACK, DATA, .."]),
        (("ND who-has 2001:db8:2::172?",), ["ND who-has", "2001:db8:2::172?"]),
        (("word " * 40,), None),
    ],
)
def test_different_labels_are_named_as_far_as_they_fit(
    labels: tuple[str, ...], lines: list[str] | None
) -> None:
    found = strand(*labels).label(LANE_ROOM)
    assert found == lines or (lines is None and len(found) == 4 and found[-1].endswith(".."))


def test_each_line_takes_its_room() -> None:
    one = strand("SYN")
    assert strand("ND who-has 2001:db8:2::172?").height == one.height + LABEL_LINE
    noted = strand("SYN", note="[2001:db8::1]:50000 > [2001:db8::2]:25")
    assert noted.height == one.height + NOTE_LINE * len(noted.notes(LANE_ROOM))
    assert len(noted.notes(LANE_ROOM)) > 1


def test_a_lane_lies_between_two_boxes() -> None:
    assert SERVERS - COLUMNS["balancer"] - BOX > LANE_ROOM
    assert COLUMNS["balancer"] - COLUMNS["client"] - BOX > LANE_ROOM
