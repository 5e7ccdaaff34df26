import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.report import words


@given(st.text(st.characters()))
def test_safe_text_is_printable_and_one_line(text: str) -> None:
    shown = words.safe(text)
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in shown)
    assert not any(
        unicodedata.bidirectional(c) in {"LRE", "RLE", "LRO", "RLO", "PDF"} for c in shown
    )
    assert not any(unicodedata.bidirectional(c) in {"LRI", "RLI", "FSI", "PDI"} for c in shown)


@given(st.text(st.characters(), max_size=300), st.integers(3, 100))
def test_safe_text_has_the_length_asked_for(text: str, limit: int) -> None:
    assert len(words.safe(text, limit)) <= limit


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert words.safe(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("a\nb\x00", r"a\x0ab\x00"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\u2066\u200b\ufeff", r"\u2066\u200b\ufeff"),
        ("\udcff", r"\udcff"),
        ("\U000e0041", r"\U000e0041"),
        ("Grüße 日本", "Grüße 日本"),
    ],
)
def test_hidden_characters_are_written_out(text: str, shown: str) -> None:
    assert words.safe(text) == shown


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (None, "-"), (0, "0 s"), (1, "0.000 ms"), (26_000, "0.026 ms"), (999_499, "0.999 ms"),
        (999_500, "1.0 ms"), (9_949_999, "9.9 ms"), (9_950_000, "10 ms"), (312_000_000, "312 ms"),
        (999_499_999, "999 ms"), (999_500_000, "1.0 s"), (7_238_726_000, "7.2 s"),
        (119_949_999_999, "119.9 s"), (119_950_000_000, "2 min 0 s"), (125_000_000_000, "2 min 5 s"),
        (7_199_499_999_999, "119 min 59 s"), (7_199_500_000_000, "2 h 0 min"), (-1_300_000, "-1.3 ms"),
    ],
)  # fmt: skip
def test_durations(ns: int | None, text: str) -> None:
    assert words.duration(ns) == text


@given(st.integers(1, 10**16))
def test_a_duration_is_right_within_its_digits(ns: int) -> None:
    units = {"ms": 10**6, "s": 10**9, "min": 60 * 10**9, "h": 3600 * 10**9}
    parts = re.findall(r"([\d.]+) (\w+)", words.duration(ns))
    value = sum(float(number) * units[unit] for number, unit in parts)
    number, unit = parts[-1]
    step = units[unit] * (10.0 ** -len(number.partition(".")[2]))
    # Hours and minutes are cut, all else is rounded.
    assert abs(value - ns) <= step


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"), (1, "1 byte"), (9999, "9999 bytes"), (10_000, "10 kB"), (58_206, "58 kB"),
        (999_499, "999 kB"), (999_500, "1.0 MB"), (1_234_567, "1.2 MB"), (654_000_000, "654 MB"),
        (5 * 10**15, "5000 TB"),
    ],
)  # fmt: skip
def test_sizes(count: int, text: str) -> None:
    assert words.size(count) == text


@given(st.integers(-(10**15), 10**15))
def test_grouping_keeps_every_digit(value: int) -> None:
    assert words.number(value) in (f"{value:,}", str(value))
    assert ("," in words.number(value)) == (abs(value) >= 10_000)


def test_plurals() -> None:
    assert words.plural(1, "session") == "1 session"
    assert words.plural(0, "session") == "0 sessions"
    assert words.plural(20_000, "address", "addresses") == "20,000 addresses"


def test_moments() -> None:
    first, last = "2026-11-22T23:30:31.866929000Z", "2026-11-22T23:30:42Z"
    assert words.moment(first) == "2026-11-22 23:30:31.866 UTC"
    assert words.period(first, last) == "2026-11-22 23:30:31.866 to 23:30:42.000 UTC"
    next_day = words.period(first, "2026-11-23T00:00:00Z")
    assert next_day == "2026-11-22 23:30:31.866 UTC to 2026-11-23 00:00:00.000 UTC"
    assert words.moment("soon\x1b") == r"soon\x1b"
    assert words.period(None, None) == "not known"


def test_endpoints() -> None:
    assert words.endpoint("10.0.0.1", 25) == "10.0.0.1:25"
    assert words.endpoint("2001:db8::1", 25) == "[2001:db8::1]:25"
    assert words.endpoint("2001:db8::1", None) == "2001:db8::1"


def test_code_spans_and_paragraphs() -> None:
    assert list(words.spans("Untick `Transparency`.")) == [
        (False, "Untick "), (True, "Transparency"), (False, "."),
    ]  # fmt: skip
    assert list(words.spans("a ` b")) == [(False, "a ` b")]
    assert words.paragraphs(" one\n  two\n \n\nthree ") == ["one two", "three"]
    assert words.paragraphs(" \n") == []


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("flwo", "; did you mean 'flow'?"),
        ("snat", "; did you mean 'snat-for-local-clients'?"),
        ("xyz", ""),
        ("", ""),
    ],
)
def test_the_word_that_was_meant(word: str, said: str) -> None:
    assert words.meant(word, {"flow", "hop", "snat-for-local-clients"}) == said


@given(st.text(max_size=50), st.integers(0, 60))
def test_shortened_text_fits(text: str, width: int) -> None:
    short = words.shorten(text, width)
    assert len(short) <= width
    assert short == text or len(text) > width
