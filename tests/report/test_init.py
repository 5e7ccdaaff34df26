"""Every format: deterministic, headline first, bounded, and harmless whatever the wire said."""

import re
import subprocess
import sys
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcapdiag.report import FORMATS
from pcapdiag.report.model import Report
from tests.report.stories import STORIES, STORY, failing, hostile, working

HEADLINES = {"text": "", "terminal": "", "markdown": "# "}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("story", STORIES)
def test_twice_the_same_text(name: str, story: str) -> None:
    render = FORMATS[name].render
    once = render(STORIES[story])
    assert once == render(STORIES[story])
    assert once.endswith("\n")


@pytest.mark.parametrize("name", FORMATS)
def test_the_hash_seed_changes_nothing(name: str) -> None:
    program = (
        "import sys; from pcapdiag.report import FORMATS; from tests.report.stories import hostile;"
        f"sys.stdout.buffer.write(FORMATS[{name!r}].render(hostile()).encode())"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={
                "PYTHONHASHSEED": seed,
                "LANG": "tr_TR.UTF-8",
                "COLUMNS": columns,
                "TERM": "xterm",
            },
            capture_output=True,
            check=True,
        ).stdout
        for seed, columns in (("1", "40"), ("2", "200"))
    }
    assert len(texts) == 1


@pytest.mark.parametrize("name", HEADLINES)
@pytest.mark.parametrize("story", STORIES)
def test_the_verdict_comes_first(name: str, story: str) -> None:
    report = STORIES[story]
    text = FORMATS[name].render(report)
    assert text.startswith(HEADLINES[name])
    flat = " ".join(text.removeprefix(HEADLINES[name]).split())
    assert flat.startswith(report.verdict.sentence)


@pytest.mark.parametrize("name", ["text", "terminal", "markdown", "html"])
def test_all_that_matters_is_said(name: str) -> None:
    text = " ".join(FORMATS[name].render(STORY).split())
    finding = STORY.findings[0]
    said = [
        finding.title,
        finding.rule,
        "24 of 36 sessions",
        "tell 10.20.2.74",
        "frame.number in {3,8,9,99,22,329,614}",
        "12 of 12 SYNs",
        "Kemp LoadMaster",
        "send-proxy-v2",
        "tcpdump -ni any -w router.pcap",
        STORY.captures[0].sha256,
        "2026-11-22 23:30:31.866 to 23:30:42.335 UTC",
        "capture-starts-late",
        "duplicate-address",
        "snat-for-local-clients",
    ]
    plain = text.replace("&#39;", "'").replace("\\", "")
    assert [each for each in said if each not in plain] == []


@pytest.mark.parametrize("name", ["text", "terminal", "markdown", "html"])
def test_sessions_are_listed_as_asked(name: str) -> None:
    def has(listed: str, address: str) -> bool:
        report = replace(STORY, listed=listed, pictures=())
        return address in FORMATS[name].render(report)

    affected, fine = "10.20.9.41:9785", "10.20.2.31:15342"
    assert (has("affected", affected), has("affected", fine)) == (True, False)
    assert (has("none", affected), has("none", fine)) == (False, False)
    few = replace(STORY, sessions=STORY.sessions[23:26], listed="all", pictures=())
    assert fine in FORMATS[name].render(few)


@pytest.mark.parametrize("name", ["text", "terminal", "markdown", "html"])
def test_a_long_list_is_cut_and_says_so(name: str) -> None:
    sessions = tuple(map(failing, range(1, 1001)))
    many = replace(STORY, sessions=sessions, affected=sessions)
    text = FORMATS[name].render(many)
    assert len(text) < len(FORMATS[name].render(STORY)) + 80_000
    assert re.search(r"and \d+ more", text)


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_text_shows_no_control_and_no_hidden_character(name: str) -> None:
    text = FORMATS[name].render(hostile())
    bad = {
        char
        for char in text
        if char != "\n" and unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    }
    assert bad == set()


@settings(deadline=None, max_examples=40)
@given(st.text(st.characters(), max_size=60))
def test_any_text_renders_in_every_format(text: str) -> None:
    report = hostile(text)
    for each in FORMATS.values():
        rendered = each.render(report)
        rendered.encode("utf-8")
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", rendered)


def test_a_suffix_chooses_one_format() -> None:
    suffixes = [suffix for each in FORMATS.values() for suffix in each.suffixes]
    assert len(suffixes) == len(set(suffixes))


def test_importing_the_formats_imports_no_library() -> None:
    program = "import sys, pcapdiag.report; print({'rich', 'jinja2'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout == "set()\n"


def test_a_report_of_only_notes_has_no_leading_finding() -> None:
    report: Report = replace(
        STORIES["healthy"], findings=STORY.findings[1:], sessions=(working(25),)
    )
    for name in ("text", "terminal", "markdown", "html"):
        text = FORMATS[name].render(report)
        assert "Found" in text or "FOUND" in text
        assert "What to do" not in text
