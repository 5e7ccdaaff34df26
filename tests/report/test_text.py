import pytest

from pcapdiag.report import text
from tests.report.stories import STORIES, STORY, hostile


@pytest.mark.parametrize("story", STORIES)
def test_no_line_is_longer_than_a_ticket_takes(story: str) -> None:
    lines = text.render(STORIES[story]).splitlines()
    assert max(map(len, lines)) <= text.WIDTH
    assert [line for line in lines if line != line.rstrip()] == []


def test_our_own_words_are_ascii() -> None:
    assert text.render(STORY).isascii()


def test_a_hostile_text_stays_within_its_line() -> None:
    # Each newline in it would have begun a line with this.
    lines = text.render(hostile("zz\n\nzz\r\nzz")).splitlines()
    assert [line for line in lines if line.startswith("zz\n")] == []
    assert r"zz\x0a\x0azz\x0d\x0azz" in text.render(hostile("zz\n\nzz\r\nzz"))
