"""The drawn ladder; what holds for all drawings is in test_diagrams.py."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

from hypothesis import given, settings

from pcapdiag.report.ladder import columns
from pcapdiag.report.ladder_svg import LEFT, RIGHT, ladder_svg
from pcapdiag.report.model import Picture
from pcapdiag.report.svg import LABEL_CHARACTER, NOTE_CHARACTER
from tests.report.stories import FAILING_PICTURE
from tests.report.test_diagrams import NAMESPACE, shown, texts
from tests.report.test_ladder import pictures


@settings(deadline=None)
@given(picture=pictures())
def test_the_ladder_numbers_every_arrow_in_order(picture: Picture) -> None:
    numbers = texts(ladder_svg(picture, "x-1"), "number")
    assert numbers == [str(arrow.number) for arrow in picture.arrows]


def test_frames_and_times_stand_in_the_order_of_the_packets() -> None:
    image = ladder_svg(FAILING_PICTURE, "x-1")
    assert texts(image, "frame") == [
        "3",
        "4",
        "5",
        "8",
        "9",
        "\u2013",
        "\u2013",
        "99",
        "625",
        "626",
    ]
    assert texts(image, "time")[:4] == ["0 s", "0.026 ms", "0.057 ms", "0.693 ms"]


def noted(picture: Picture) -> Picture:
    """Return the picture with its labels as notes, too, and words before them."""
    arrows = [
        replace(arrow, label=f"what {arrow.label}", note=f"note {arrow.label}")
        for arrow in picture.arrows
    ]
    return replace(picture, arrows=tuple(arrows))


@settings(deadline=None)
@given(picture=pictures().map(noted))
def test_text_beside_an_arrow_stays_between_its_ends_and_off_other_rows(picture: Picture) -> None:
    """Widths are those of a wide font, as the page may have to take it."""
    root = ElementTree.fromstring(ladder_svg(picture, "x-1"))
    lives = [float(line.get("x1") or 0) for line in root.iter(f"{NAMESPACE}line")]
    at = {actor.name: x for actor, x in zip(columns(picture), lives, strict=True)}
    step = lives[1] - lives[0] if len(lives) > 1 else RIGHT - LEFT
    bottom = 0.0
    for arrow, row in zip(picture.arrows, root.findall(f"{NAMESPACE}g"), strict=True):
        room = abs(at[arrow.source] - at[arrow.destination]) or step
        beside = {
            cls: [text for text in row.iter(f"{NAMESPACE}text") if cls in str(text.get("class"))]
            for cls in ("label", "note")
        }
        for cls, size in (("label", LABEL_CHARACTER), ("note", NOTE_CHARACTER)):
            assert beside[cls]
            assert all(len(shown(text)) * size < room for text in beside[cls])
        places = [float(text.get("y") or 0) for text in (*beside["label"], *beside["note"])]
        assert places == sorted(set(places))
        assert places[0] - 10 > bottom
        bottom = places[-1]
