"""An audit in every format: the same rows, hostile text harmless."""

import io
import json
from html.parser import HTMLParser

import pytest
from rich.console import Console

from pcapdiag.audit import formats
from pcapdiag.audit.model import Audit, Row
from tests.report.stories import HOSTILE_TEXT

AUDIT = Audit(
    (
        Row("a.pcap", "server-port-closed", "error", "proved", 3, 9, "The server says no.", 90, 9),
        Row("b.pcap", "healthy", None, None, 0, 240, "Healthy: all of them.", 900, 240),
        Row("c.pcap", error="is empty"),
    )
)
HOSTILE = Audit((Row(HOSTILE_TEXT, HOSTILE_TEXT, "error", "proved", 1, 1, HOSTILE_TEXT),))


class Cells(HTMLParser):
    """Collects table cells and the names of all elements."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.elements: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data


def parsed(page: str) -> Cells:
    parser = Cells()
    parser.feed(page)
    parser.close()
    return parser


def test_text() -> None:
    lines = formats.text(AUDIT).splitlines()
    assert lines[0].startswith("1 of 2 analysed captures shows trouble")
    assert lines[lines.index("b.pcap") + 1] == "    healthy"
    assert "     1  server-port-closed" in lines
    assert max(map(len, lines)) <= formats.WIDTH
    assert lines[lines.index("c.pcap") + 1 :] == ["    not-analysed", "    is empty"]


def test_json() -> None:
    value = json.loads(formats.as_json(AUDIT))
    assert value["schema"] == "pcapdiag.audit/1"
    assert value["totals"] == {"healthy": 1, "not-analysed": 1, "server-port-closed": 1}
    assert [row["file"] for row in value["captures"]] == ["a.pcap", "b.pcap", "c.pcap"]
    assert value["captures"][2]["error"] == "is empty"
    assert value["captures"][2]["verdict"] is None


def test_html_stands_alone() -> None:
    page = parsed(formats.html(AUDIT))
    assert [cell.strip() for cell in page.cells[:5]] == [
        "a.pcap",
        "server-port-closed",
        "proved",
        "3 of 9 sessions",
        "The server says no.",
    ]
    assert page.links == []
    assert page.elements.isdisjoint({"script", "link", "img", "iframe"})


def test_hostile_text_is_only_text() -> None:
    page = formats.html(HOSTILE)
    assert parsed(page).elements.isdisjoint({"script", "img", "svg", "a"})
    for rendered in (page, formats.text(HOSTILE)):
        assert "\x1b" not in rendered
        assert "\x07" not in rendered
    assert json.loads(formats.as_json(HOSTILE))["captures"][0]["file"] == HOSTILE_TEXT


@pytest.mark.parametrize("width", [40, 80, 160])
def test_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=width, color_system=None)
    monkeypatch.setattr("rich.console.Console", lambda **_: console)
    formats.show(AUDIT)
    formats.show(HOSTILE)
    lines = stream.getvalue().splitlines()
    assert lines[0].startswith("1 of 2 analysed captures")
    assert max(map(len, lines)) <= width
    assert "\x1b" not in stream.getvalue()
