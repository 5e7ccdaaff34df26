from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from pcapdiag.report.ladder import ASCII, BOXES, ROLES, columns, ladder
from pcapdiag.report.model import Actor, Arrow, Picture
from tests.report.stories import FAILING_PICTURE, WORKING_PICTURE

NAMES = ("client", "balancer", "server", "gateway", "server 2")


@st.composite
def pictures(draw: Callable[[st.SearchStrategy[object]], object]) -> Picture:
    """Any arrows between up to five actors, with labels of any length."""
    count = draw(st.integers(1, 5))
    assert isinstance(count, int)
    names = NAMES[:count]
    actors = tuple(Actor(n, n.split()[0], (f"10.0.0.{i}:25",)) for i, n in enumerate(names))
    ends = st.lists(
        st.tuples(
            st.sampled_from(names), st.sampled_from(names), st.text("abc \x1b", max_size=40),
            st.none() | st.integers(1, 10**8), st.none() | st.integers(0, 10**14), st.booleans(),
        ),
        max_size=8,
    )  # fmt: skip
    drawn = draw(ends)
    assert isinstance(drawn, list)
    arrows = tuple(Arrow(i, *each) for i, each in enumerate(drawn, 1))
    return Picture("any", 1, False, actors, arrows)


@settings(deadline=None)
@given(pictures(), st.integers(60, 130))
def test_a_ladder_keeps_its_width_and_every_arrow(picture: Picture, width: int) -> None:
    rows = ladder(picture, width)
    assert all(len(row.text) <= width for row in rows)
    drawn = [row for row in rows if row.kind in ("seen", "missing")]
    assert len(drawn) == len(picture.arrows)
    assert [row.kind == "seen" for row in drawn] == [arrow.seen for arrow in picture.arrows]


@settings(deadline=None)
@given(pictures(), st.integers(60, 130))
def test_the_lines_of_life_stay_in_their_columns(picture: Picture, width: int) -> None:
    rows = ladder(picture, width)
    life = next(row.text for row in rows if row.kind == "life")
    places = [place for place, char in enumerate(life) if char == "|"]
    assert len(places) == len(picture.actors)
    for row in rows:
        if row.kind in ("seen", "missing"):
            # An arrow's head touches the line of its destination.
            for place, char in enumerate(row.text[life.index("|") :], life.index("|")):
                if char == ">" and row.text[place - 1] in "- ":
                    assert place + 1 in places
                if char == "<":
                    assert place - 1 in places


def test_arrows_point_from_source_to_destination() -> None:
    rows = {row.text[:8].strip().split(" ")[0]: row.text for row in ladder(FAILING_PICTURE, 100)}
    assert rows["3"].rstrip(" |").endswith(">")
    assert "|<" in rows["4"]
    assert rows["625"].count("|") == 4


def test_what_was_not_seen_is_dashed_and_explained() -> None:
    rows = ladder(FAILING_PICTURE, 100)
    dashed = [row.text for row in rows if row.kind == "missing"]
    assert len(dashed) == 2
    assert all("- -" in line and " - " in line for line in dashed)
    assert "not in the capture" in rows[-1].text
    assert "not in the capture" not in ladder(WORKING_PICTURE, 100)[-1].text


def test_a_label_that_does_not_fit_stands_below() -> None:
    texts = [row.text for row in ladder(WORKING_PICTURE, 80)]
    at = next(i for i, line in enumerate(texts) if line.split()[:1] == ["25"])
    assert "220 srv74.mail.example ESMTP ready" in texts[at + 1]


def test_actors_stand_in_the_order_of_the_way() -> None:
    shuffled = tuple(reversed(FAILING_PICTURE.actors))
    picture = Picture("any", 1, False, shuffled, ())
    assert tuple(actor.role for actor in columns(picture)) == ROLES


def test_boxes_differ_from_ascii_only_in_the_lines() -> None:
    plain = "\n".join(row.text for row in ladder(WORKING_PICTURE, 100, ASCII))
    boxes = "\n".join(row.text for row in ladder(WORKING_PICTURE, 100, BOXES))
    table = str.maketrans("\u2502\u2500\u25b6\u25c0", "|-><")
    assert boxes.translate(table) == plain


def test_no_actors_no_ladder() -> None:
    assert ladder(Picture("none", 1, True, (), ()), 80) == []


def test_a_ladder_that_is_cut_says_how_much_is_missing() -> None:
    rows = ladder(WORKING_PICTURE, 100, most=4)
    assert [row.kind for row in rows].count("seen") == 4
    assert rows[-1].text.strip() == f"and {len(WORKING_PICTURE.arrows) - 4} more"
