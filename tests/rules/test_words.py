"""Texts of rules show facts and do nothing else."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcapdiag.rules.words import LONGEST, TextError, count, names, render, seconds, unfilled

FACTS: dict[str, Any] = {
    "session": {"client": "192.0.2.30", "front": None},
    "vip": {"sessions": 3},
    "affected": 2,
    "clients": ["a", "b", "c"],
}


def test_facts_are_put_in_and_whitespace_folded() -> None:
    text = "{{ session.client }}  of\n {% if vip.sessions > 2 %}many{% else %}few{% endif %}: "
    text += "{{ clients|names(1) }}"
    assert render(text, FACTS) == "192.0.2.30 of many: a and 2 more"


def test_unknown_fact_reads_as_unknown() -> None:
    assert render("{{ session.front }}", FACTS) == "unknown"


@pytest.mark.parametrize(
    "template",
    [
        "{{ session.nothing }}",
        "{{ nobody }}",
        "{{ session.client.upper() }}",
        "{{ session.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ session.client.__len__ }}",
        "{% for x in clients %}{{ x }}{% endfor %}",
        "{% set x = 1 %}",
        "{% macro m() %}{% endmacro %}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{{ 'x' * 1000000000 }}",
        "{{ 2 ** 1000000 }}",
        "{{ '%1000000000d'|format(1) }}",
        "{{ clients|map('upper') }}",
        "{{ range(10) }}",
        "{{ lipsum() }}",
        "{{ clients[0] }}",
        "{{ session.client",
        "{% if %}",
    ],
)
def test_what_texts_do_not_need_is_refused(template: str) -> None:
    started = time.monotonic()
    with pytest.raises(TextError):
        render(template, FACTS)
    assert time.monotonic() - started < 2


def test_a_text_can_be_read_before_it_is_filled_in() -> None:
    template = "{{ vip.sessions|count('session') }}\n{% if a %}fail{% elif b %}hang{% else %}end{% endif %}."
    assert unfilled(template) == "«vip.sessions|count('session')» fail / hang / end."


def test_text_is_bounded() -> None:
    assert len(render("{{ session.client }}", {"session": {"client": "x" * 10**6}})) == LONGEST


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_facts_stay_text(value: str) -> None:
    text = render("{{ session.client }}", {"session": {"client": value}})
    assert all(character.isprintable() for character in text)


def test_braces_in_facts_are_not_templates() -> None:
    hostile = "{{ affected }}{% for %}"
    assert render("{{ session.client }}", {"session": {"client": hostile}}) == hostile


def test_lists_counts_and_times() -> None:
    assert names([]) == "none"
    assert names(["a"]) == "a"
    assert names(["a", "b"]) == "a and b"
    assert names(["a", "b", "c"]) == "a, b and c"
    assert names("abcdef", 4) == "a, b, c, d and 2 more"
    assert (count(1, "session"), count(2, "session")) == ("1 session", "2 sessions")
    assert count(12_000, "session") == "12,000 sessions"
    assert count(None, "session") == "an unknown number of sessions"
    assert (seconds(19_000), seconds(2 * 10**9)) == ("0.019 ms", "2.0 s")
    assert seconds(None) == "an unknown time"
