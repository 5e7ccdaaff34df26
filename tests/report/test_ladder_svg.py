"""The drawn ladder; what holds for all drawings is in test_diagrams.py."""

from hypothesis import given, settings

from pcapdiag.report.ladder_svg import ladder_svg
from pcapdiag.report.model import Picture
from tests.report.stories import FAILING_PICTURE
from tests.report.test_diagrams import texts
from tests.report.test_ladder import pictures


@settings(deadline=None)
@given(picture=pictures())
def test_the_ladder_numbers_every_arrow_in_order(picture: Picture) -> None:
    shown = texts(ladder_svg(picture, "x-1"), "number")
    assert shown == [str(arrow.number) for arrow in picture.arrows]


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
