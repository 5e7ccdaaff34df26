"""Drawings: every arrow's number is there, lines are where they belong, and text stays text."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings

from pcapdiag.report import svg
from pcapdiag.report.diagrams import BOX, COLUMNS, SERVERS, drawing
from pcapdiag.report.ladder_svg import ladder_svg
from pcapdiag.report.model import Arrow, Picture
from tests.report.stories import FAILING_PICTURE, WORKING_PICTURE, hostile
from tests.report.test_ladder import pictures

Draw = Callable[[Picture, str], str]
NAMESPACE = "{http://www.w3.org/2000/svg}"


def texts(image: str, cls: str) -> list[str]:
    """The shown text of a class, without hints."""
    root = ElementTree.fromstring(image)
    found = [e for e in root.iter(f"{NAMESPACE}text") if cls in (e.get("class") or "").split()]
    return [shown(each) for each in found]


def shown(text: ElementTree.Element) -> str:
    """The shown text of one element, without its hint."""
    return "".join([text.text or "", *(each.tail or "" for each in text)])


@pytest.mark.parametrize("draw", [drawing, ladder_svg])
@settings(deadline=None)
@given(picture=pictures())
def test_any_picture_is_well_formed_and_inside_its_frame(draw: Draw, picture: Picture) -> None:
    root = ElementTree.fromstring(draw(picture, "x-1"))
    _, _, width, height = map(float, (root.get("viewBox") or "").split())
    for shape in root.iter(f"{NAMESPACE}rect"):
        left, top = float(shape.get("x") or 0), float(shape.get("y") or 0)
        assert left >= 0
        assert top >= 0
        assert left + float(shape.get("width") or 0) <= width
        assert top + float(shape.get("height") or 0) <= height
    for line in root.iter(f"{NAMESPACE}path"):
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", line.get("d") or "")]
        assert all(0 <= x <= width for x in numbers[0::2])
        assert all(0 <= y <= height for y in numbers[1::2])


@settings(deadline=None)
@given(picture=pictures())
def test_the_drawing_has_every_arrow_or_counts_it(picture: Picture) -> None:
    shown = texts(drawing(picture, "x-1"), "number")
    hidden = sum(int(word[1:]) for word in shown if word.startswith("+"))
    plain = [word for word in shown if not word.startswith("+")]
    assert len(plain) + hidden == len(picture.arrows)
    assert len(plain) == len(set(plain))


def test_boxes_stand_client_left_servers_right_gateway_below() -> None:
    root = ElementTree.fromstring(drawing(FAILING_PICTURE, "x-1"))
    at = {
        (rect.get("class") or "").split()[-1]: (
            float(rect.get("x") or 0),
            float(rect.get("y") or 0),
        )
        for rect in root.iter(f"{NAMESPACE}rect")
        if (rect.get("class") or "").startswith("box")
    }
    assert at["client"][0] < at["balancer"][0] < at["server"][0]
    assert at["gateway"][0] == at["balancer"][0]
    assert at["gateway"][1] > max(y for name, (_, y) in at.items() if name != "gateway")


def test_what_was_not_seen_is_drawn_as_missing() -> None:
    for draw in (drawing, ladder_svg):
        root = ElementTree.fromstring(draw(FAILING_PICTURE, "x-1"))
        classes = [path.get("class") for path in root.iter(f"{NAMESPACE}path")]
        assert classes.count("line missing") == 2
        works = ElementTree.fromstring(draw(WORKING_PICTURE, "x-1"))
        assert {path.get("class") for path in works.iter(f"{NAMESPACE}path")} == {"line seen"}


def test_the_picture_is_told_in_words() -> None:
    told = (
        ElementTree.fromstring(drawing(FAILING_PICTURE, "x-1")).findtext(f"{NAMESPACE}desc") or ""
    )
    assert "5: server to gateway: ARP who-has 10.20.2.1 (frame 9, after 0.712 ms)" in told
    assert "6: server to gateway: SYN-ACK, not in this capture (not in the capture)" in told


@pytest.mark.parametrize("draw", [drawing, ladder_svg])
def test_hostile_text_makes_no_elements(draw: Draw) -> None:
    picture = hostile().pictures[0]
    root = ElementTree.fromstring(draw(picture, "x-1"))
    known = {"svg", "title", "desc", "g", "rect", "text", "path", "polygon", "line"}
    assert {each.tag.removeprefix(NAMESPACE) for each in root.iter()} <= known
    for each in root.iter():
        assert not any(key.startswith("on") or "href" in key for key in each.attrib)


def test_what_passes_the_balancer_by_leads_through_the_gateway() -> None:
    arrow = Arrow(1, "server", "client", "SYN-ACK", None, None, False)
    root = ElementTree.fromstring(drawing(replace(FAILING_PICTURE, arrows=(arrow,)), "x-1"))
    boxes = [r for r in root.iter(f"{NAMESPACE}rect") if "gateway" in (r.get("class") or "")]
    left, top = float(boxes[0].get("x") or 0), float(boxes[0].get("y") or 0)
    bottom = top + float(boxes[0].get("height") or 0)
    line = next(root.iter(f"{NAMESPACE}path")).get("d") or ""
    places = [float(n) for n in re.findall(r"-?[\d.]+", line)]
    pairs = zip(places[0::2], places[1::2], strict=True)
    assert any(abs(x - left) < 1 and top < y < bottom for x, y in pairs)
    # Its number stands beside the gateway's box, not behind it.
    badge = next(r for r in root.iter(f"{NAMESPACE}rect") if "badge" in (r.get("class") or ""))
    middle = float(badge.get("x") or 0) + 9
    assert not left <= middle <= left + float(boxes[0].get("width") or 0)


def test_long_names_stay_between_the_boxes() -> None:
    """What is longer than the lines there are shows when pointed at."""
    long = "2001:db8:1234:5678:9abc:def0:1234:5678"
    ends = f"[{long}]:55555 > [{long}]:443, shared with others"
    arrows = tuple(
        Arrow(n, *ends_of, f"ND who-has {long}?", n, n, True, ends)
        for n, ends_of in enumerate((("balancer", "server"), ("server", "balancer")), 1)
    )
    root = ElementTree.fromstring(drawing(replace(FAILING_PICTURE, arrows=arrows), "x-1"))
    texts_of = [
        t for t in root.iter(f"{NAMESPACE}text") if t.get("class") in ("label seen", "note")
    ]
    assert len(texts_of) == 2 * (4 + 6)
    for text in texts_of:
        size = svg.LABEL_CHARACTER if text.get("class") == "label seen" else svg.NOTE_CHARACTER
        half = len(shown(text)) * size / 2
        middle = float(text.get("x") or 0)
        assert COLUMNS["balancer"] + BOX < middle - half
        assert middle + half < SERVERS
    places = [float(text.get("y") or 0) for text in texts_of]
    assert all(below - above >= 10 for above, below in pairwise(places))
    assert {text.findtext(f"{NAMESPACE}title") for text in texts_of} == {None, ends}
