"""Markdown as CommonMark's reference-tested parser (markdown-it) reads it."""

import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pcapdiag.report import markdown
from pcapdiag.report.words import safe
from tests.report.stories import HOSTILE_TEXT, STORIES, STORY, hostile


def parser() -> Any:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def leaves(tokens: list[Token]) -> list[Token]:
    """All tokens, those inside paragraphs and cells as well."""
    return [leaf for token in tokens for leaf in (token, *leaves(token.children or []))]


@pytest.mark.parametrize("name", [*STORIES, "hostile"])
def test_no_html_no_image_and_only_our_own_links(name: str) -> None:
    report = STORIES.get(name) or hostile()
    found = leaves(parser().parse(markdown.render(report)))
    assert {t.type for t in found} & {"html_block", "html_inline", "image"} == set()
    links = [t.attrs["href"] for t in found if t.type == "link_open"]
    assert links == [r for f in report.findings for r in f.references if "<" not in r]


def test_hostile_text_breaks_no_table() -> None:
    columns: list[int] = []
    count = 0
    for token in leaves(parser().parse(markdown.render(hostile()))):
        if token.type == "tr_open":
            count = 0
        elif token.type in ("td_open", "th_open"):
            count += 1
        elif token.type == "tr_close":
            columns.append(count)
        elif token.type == "table_close":
            assert len(set(columns)) == 1
            columns.clear()


def test_the_headings_are_ours() -> None:
    tokens = parser().parse(markdown.render(hostile()))
    headings = [
        tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"
    ]
    assert "head" not in headings
    assert headings[1:3] == ["Who talks to whom", "What happened"]


@settings(deadline=None)
@example(" -")
@example("  1. a")
@example("     -a")
@given(st.text("ab19 _*`[]()<>|\\#+-=.!~$&:/@\"'{}\n\x1b\u202e", min_size=1, max_size=30))
def test_an_escaped_text_reads_as_it_was(text: str) -> None:
    shown = safe(text)
    tokens = parser().parse(markdown.escaped(text))
    inline = [token for token in tokens if token.type == "inline"]
    if not shown.strip():
        assert inline == []
        return
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = inline[0].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    assert "".join(child.content for child in children) == shown.strip()


@settings(deadline=None)
@given(st.text("ab `|\\", min_size=1, max_size=20))
def test_a_code_span_reads_as_it_was(text: str) -> None:
    tokens = parser().parse("x" + markdown.code(text))
    codes = [t for t in leaves(tokens) if t.type == "code_inline"]
    assert [code.content.strip() for code in codes] == [text.strip()]
    cell = leaves(
        parser().parse(f"| a | b |\n| --- | --- |\n| {markdown.code(text, cell=True)} | c |")
    )
    assert [t.type for t in cell].count("td_open") == 2


def test_web_addresses_in_a_text_do_not_become_links() -> None:
    # GFM links bare addresses; a backslash inside them prevents it and is not shown.
    plain = re.sub(r"`+[^`]*`+|```.*?```", "", markdown.render(hostile()), flags=re.DOTALL)
    assert "http://evil" not in plain
    assert "http" in HOSTILE_TEXT


def test_the_ladder_is_fenced_text() -> None:
    fences = [t for t in parser().parse(markdown.render(STORY)) if t.type == "fence"]
    assert [fence.info for fence in fences] == ["text", "text", "text", "sh"]
    assert "ARP who-has 10.20.2.1" in fences[0].content
