"""Conditions that do not bind, ask too much or are not true or false are found at their line."""

from pathlib import Path

import pytest

from pcapdiag.rules import RuleSet, check, load
from pcapdiag.rules.load import read_rule
from pcapdiag.rules.model import Problem
from tests.rules.story import Story, back

RULE = """\
id: a-rule
title: A rule
severity: warning
scope: {scope}
when: >-
  {when}
summary: {summary}
means: Nothing.
{more}
tests: {{fires: [], silent: []}}
"""


def problems_of(tmp_path: Path, **parts: str) -> list[tuple[int, str]]:
    filled = {"scope": "vip", "when": "true", "summary": "Said.", "more": ""} | parts
    path = tmp_path / "a-rule.yaml"
    path.write_text(RULE.format(**filled))
    problems: list[Problem] = []
    rule = read_rule(path, problems)
    assert problems == []
    assert rule is not None
    tables = Story().session("192.0.2.1", back()).tables()
    return [(problem.line, problem.what) for problem in check(RuleSet((rule,)), tables)]


def test_shipped_rules_have_no_mistakes() -> None:
    assert check(load(), Story().session("192.0.2.1", back()).tables()) == ()


@pytest.mark.parametrize(
    ("when", "what"),
    [
        ("back.syn_count", "true or false"),
        ("back.result = 'refused' and", "SQL"),
        ("back.syn_count > 'many'", "SQL"),
        ("syn_count > 3", "SQL"),
        ("exists (select 1 from session)", "subquery"),
        ("session.id in (select id from session)", "subquery"),
        ("row_number() over () = 1", "window"),
        ("true, false", "true or false"),
        ("true) from session; select (1", ""),
        ("read_text('/etc/passwd') is null", "SQL"),
        ("no_such_function(back.syn_count) = 1", "SQL"),
    ],
)
def test_bad_conditions(tmp_path: Path, when: str, what: str) -> None:
    ((line, said),) = problems_of(tmp_path, when=when)
    assert line == 5
    assert what in said


def test_every_condition_is_checked(tmp_path: Path) -> None:
    more = """\
unless: back.syn_count
certainty: {likely: "1", proved: "vip.snat"}
requires:
  - {that: capture.flows, else: x}
excludes:
  - {hypothesis: a, when: server.port, why: b}
evidence:
  prefer: back.syn_count
  frames:
    - {events: back, kind: sync, note: x}"""
    lines = [line for line, _ in problems_of(tmp_path, more=more)]
    assert lines == [9, 10, 10, 16, 12, 14, 18]


@pytest.mark.parametrize(
    ("summary", "what"),
    [
        ("'{{ sesion.id }}'", "did you mean 'session'?"),
        ("'{% for x in clients %}{% endfor %}'", "not allowed"),
    ],
)
def test_bad_texts(tmp_path: Path, summary: str, what: str) -> None:
    found = problems_of(tmp_path, summary=summary)
    assert [line for line, _ in found] == [7]
    assert what in found[0][1]


def test_affects_sees_sessions_and_its_own_subject(tmp_path: Path) -> None:
    fine = {"scope": "host", "when": "host.asked > 1"}
    assert problems_of(tmp_path, more="affects: session.vip = host.address", **fine) == []
    ((line, said),) = problems_of(tmp_path, more="affects: session.vip", **fine)
    assert (line, "true or false" in said) == (9, True)
