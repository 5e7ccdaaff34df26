"""The page as a browser's parser sees it: balanced, no script, nothing loaded, hostile text as text."""

import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest

from pcapdiag.report import html
from tests.report.stories import HOSTILE_TEXT, STORIES, hostile

VOID = {"meta", "br", "img", "link", "input", "hr"}
REPORTS = {**STORIES, "hostile": hostile()}


class Page(HTMLParser):
    """Collects tags, attributes and text; complains about tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.problems: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> closes {self.open[-3:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)


@pytest.mark.parametrize("name", REPORTS)
def test_the_page_is_balanced_and_loads_nothing(name: str) -> None:
    text = html.render(REPORTS[name])
    page = Page(text)
    assert (page.problems, page.open) == ([], [])
    tags = {tag for tag, _ in page.tags}
    assert (
        tags & {"script", "img", "iframe", "link", "object", "embed", "base", "form", "use"}
        == set()
    )
    for tag, attributes in page.tags:
        assert not [
            key for key in attributes if key.startswith("on") or key in ("src", "srcset", "style")
        ]
        if "href" in attributes:
            assert tag == "a"
            assert re.match(r"https?://", attributes["href"])
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert "<" not in style


@pytest.mark.parametrize("name", REPORTS)
def test_every_drawing_is_well_formed_and_says_what_it_shows(name: str) -> None:
    text = html.render(REPORTS[name])
    images = re.findall(r"<svg .*?</svg>", text, re.DOTALL)
    assert len(images) == 2 * len(REPORTS[name].pictures)
    for image in images:
        root = ElementTree.fromstring(image)
        assert root.get("role") == "img"
        told = [child for child in root if child.tag.endswith(("title", "desc"))]
        assert [child.get("id") for child in told] == (root.get("aria-labelledby") or "").split()
        assert all(child.text for child in told)


@pytest.mark.parametrize("name", REPORTS)
def test_ids_are_unique_and_labels_lead_to_them(name: str) -> None:
    page = Page(html.render(REPORTS[name]))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    labels = [a["aria-labelledby"].split() for _, a in page.tags if "aria-labelledby" in a]
    assert {each for label in labels for each in label} <= set(ids)


def test_the_verdict_is_the_only_first_heading_and_comes_first() -> None:
    page = Page(html.render(STORIES["story"]))
    assert [tag for tag, _ in page.tags].count("h1") == 1
    after_title = [word.strip() for word in page.words if word.strip()][1:]
    assert after_title[0] == STORIES["story"].verdict.sentence


def test_hostile_text_reaches_the_reader_as_text() -> None:
    page = Page(html.render(hostile()))
    heading = "<script>alert(1)</script>"
    assert sum(heading in word for word in page.words) > 20
    assert "{{7*7}}" in "".join(page.words)
    assert "\\x1b[2J" in "".join(page.words)
    # Only references that are plain web addresses become links.
    assert [a["href"] for tag, a in page.tags if tag == "a"] == []
    assert HOSTILE_TEXT not in "".join(page.words)


def contrast(one: str, other: str) -> float:
    """WCAG 2.1 contrast ratio of two colours given as #rrggbb."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (
            p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_all_text_has_enough_contrast_by_day_and_by_night() -> None:
    style = html.render(STORIES["empty"]).partition("<style>")[2].partition("</style>")[0]
    schemes = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert len(schemes) == 3  # light, dark, print
    for scheme in schemes:
        colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", scheme))
        for ground in ("paper", "soft", "client", "balancer", "server", "gateway"):
            assert contrast(colours["ink"], colours[ground]) >= 7
        for ink in ("quiet", "good", "bad", "warn", "open", "accent"):
            assert contrast(colours[ink], colours["paper"]) >= 4.5
            assert contrast(colours[ink], colours["soft"]) >= 4.5
        for ground in ("good", "bad", "warn", "open", "accent", "quiet"):
            assert contrast(colours["on-colour"], colours[ground]) >= 4.5
