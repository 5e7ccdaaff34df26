import xml.etree.ElementTree as ElementTree

from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.report import svg
from pcapdiag.report.words import safe


@given(st.text(min_size=1, max_size=40))
def test_text_comes_out_as_it_is_read(content: str) -> None:
    root = ElementTree.fromstring(svg.text(content, (1, 2), "label", width=500))
    assert root.text == safe(content)


@given(st.text(max_size=40))
def test_attributes_come_out_as_they_are_read(value: str) -> None:
    root = ElementTree.fromstring(svg.element("g", "", cls=value, data_x=1.0))
    assert root.attrib == {"class": safe(value), "data-x": "1"}


@given(st.text("ab :.", max_size=80), st.integers(4, 30), st.integers(1, 5))
def test_wrapped_pieces_are_few_and_short_and_lose_only_spaces(
    line: str, width: int, most: int
) -> None:
    pieces = svg.wrapped(line, width, most)
    assert len(pieces) <= most
    assert all(len(piece) <= width for piece in pieces)
    if not pieces or not pieces[-1].endswith(".."):
        assert "".join(pieces).replace(" ", "") == line.replace(" ", "")


def test_a_long_text_is_cut_and_shown_whole_when_pointed_at() -> None:
    root = ElementTree.fromstring(svg.text("abcdefghij", (0, 0), "x", width=6))
    assert (root[0].text, root[0].tail) == ("abcdefghij", "abcd..")


def test_a_line_ends_inside_its_head() -> None:
    image = svg.element("g", svg.path([(0, 0), (50, 0), (50, 40)], "seen"))
    line, head = ElementTree.fromstring(image)
    assert (line.get("d") or "").endswith("L50.0 34.0")
    assert (head.get("points") or "").startswith("50.0,40.0 ")
