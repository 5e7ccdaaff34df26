"""Wording of rows."""

import pytest

from pcapdiag.audit.model import Audit, Row
from pcapdiag.audit.words import HEADINGS, cells, headline, kind

ROWS = (
    Row("a", "server-port-closed", "error", "proved", 3, 9, "Three."),
    Row("b", "healthy", None, None, 0, 9, "Healthy."),
    Row("c", "healthy", "note", None, 0, 9, "Healthy."),
    Row("d", "inconclusive", None, None, 0, 0, "Inconclusive."),
    Row("e", error="is empty"),
)


def test_kinds() -> None:
    assert [kind(row) for row in ROWS] == ["error", "healthy", "healthy", "unclear", "lost"]


def test_cells() -> None:
    assert cells(ROWS[0]) == ("a", "server-port-closed", "proved", "3 of 9 sessions", "Three.")
    assert cells(ROWS[1]) == ("b", "healthy", "", "", "Healthy.")
    assert cells(ROWS[4]) == ("e", "not-analysed", "", "", "is empty")
    assert len(cells(ROWS[0])) == len(HEADINGS)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ((), "No captures."),
        (ROWS[:1], "1 of 1 capture shows trouble that users notice or may notice."),
        (ROWS[:4], "1 of 4 captures shows trouble that users notice or may notice."),
        (ROWS[1:4], "No trouble that users notice in 3 captures."),
        (ROWS[4:], "1 capture, none of which could be analysed."),
        (ROWS[3:], "No trouble that users notice in 1 analysed capture; 1 could not be analysed."),
        (
            ROWS,
            "1 of 4 analysed captures shows trouble that users notice or may notice; "
            "1 could not be analysed.",
        ),
    ],
)
def test_headline(rows: tuple[Row, ...], sentence: str) -> None:
    assert headline(Audit(rows)) == sentence


def test_text_from_the_wire_is_made_visible() -> None:
    found = cells(Row("\x1b[2J", "healthy", sentence="a\nb"))
    assert (found[0], found[4]) == ("\\x1b[2J", "a\\x0ab")
