"""Mistakes in rule files are all found, each at its line, with the word that was meant."""

from pathlib import Path

import pytest

from pcapdiag.rules import RuleError, load
from pcapdiag.rules.load import read_rule, references, shipped_rules, template_references
from pcapdiag.rules.model import Problem

GOOD = """\
id: {id}
title: A rule
severity: warning
scope: vip
when: back.result = 'refused'
summary: "{{{{ affected }}}} of {{{{ of }}}}"
means: Nothing.
tests: {{fires: [], silent: []}}
"""


def problems_of(tmp_path: Path, text: str, name: str = "a-rule") -> list[str]:
    path = tmp_path / f"{name}.yaml"
    path.write_text(text)
    problems: list[Problem] = []
    assert read_rule(path, problems) is None
    return [f"{problem.line}: {problem.what}" for problem in problems]


def test_good_rule_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a-rule.yaml"
    path.write_text(GOOD.format(id="a-rule"))
    problems: list[Problem] = []
    rule = read_rule(path, problems)
    assert problems == []
    assert rule is not None
    assert (rule.id, rule.severity, rule.scope) == ("a-rule", "warning", "vip")


def test_all_mistakes_of_a_file_are_reported_with_their_lines(tmp_path: Path) -> None:
    text = """\
id: another-rule
title: A rule
severity: fatal
scope: vip
when: back.syn_cuont > 3 and host.asked > 1
summary: "{{ front.syn_frame }} {{ vip.adress }}"
meanss: Nothing.
certainty: {likely: "true", sure: "true"}
fix: {kempp: x}
tests: {fires: [], silent: []}
"""
    assert problems_of(tmp_path, text) == [
        "7: unknown key 'meanss'; did you mean 'means'?",
        "1: 'means' is missing",
        "1: the id is 'another-rule', the file is called 'a-rule.yaml'",
        "8: unknown key 'sure'",
        "9: unknown key 'kempp'; did you mean 'kemp'?",
        "3: 'severity' is one of note, warning, error, not 'fatal'",
        "5: no fact named 'back.syn_cuont'; did you mean 'back.syn_count'?",
        "5: 'host' cannot be used here, only back, capture, front, server, session, vip",
        "6: no fact named 'vip.adress'; did you mean 'vip.address'?",
    ]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: &x [1]\nb: *x\n", "2: YAML aliases are not allowed"),
        ("- a\n- b\n", "1: a rule is a mapping of keys"),
        ("a: [1\nb: 2\n", "2: not YAML"),
        ("", "1: a rule is a mapping of keys"),
        ("a: !!python/object/apply:os.system [true]\n", "1: unknown key 'a'"),
        ("id: x\nid: y\n", "2: 'id' is there twice"),
        ("\x00", "1: not YAML"),
    ],
)
def test_yaml_that_is_no_rule(tmp_path: Path, text: str, where: str) -> None:
    assert any(what.startswith(where) for what in problems_of(tmp_path, text))


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        ("limit: many", "'evidence.frames.0.limit' is a number from 1 on"),
        ("limit: 0", "'evidence.frames.0.limit' is a number from 1 on"),
        (
            "direction: to-server",
            "'evidence.frames.0.direction' is one of to-responder, to-initiator",
        ),
    ],
)
def test_frames_that_could_never_be_cited(tmp_path: Path, frame: str, what: str) -> None:
    more = f"evidence:\n  frames:\n    - {{events: back, kind: syn, note: x, {frame}}}\n"
    (problem,) = problems_of(tmp_path, GOOD.format(id="a-rule") + more)
    assert problem.startswith(f"11: {what}")


def test_long_file_is_refused(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "# " + "x" * 70_000) == ["1: longer than 65536 bytes"]


def test_problems_of_all_files_come_together(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("id: one\n")
    (tmp_path / "story.yaml").write_text(GOOD.format(id="story"))
    again = tmp_path / "again"
    again.mkdir()
    (again / "story.yaml").write_text(GOOD.format(id="story"))
    (again / "two.yaml").write_text(GOOD.format(id="two") + "supersedes: [mixed-mode]\n")
    with pytest.raises(RuleError) as caught:
        load([tmp_path, tmp_path / "missing"])
    lines = str(caught.value).splitlines()
    assert any("missing:1: no such folder" in line for line in lines)
    assert any("story.yaml:1: 'story' is also in" in line for line in lines)
    assert any("one.yaml:1: 'title' is missing" in line for line in lines)
    assert any("did you mean 'mixed-modes'?" in line for line in lines)


def test_more_rules_join_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "a-rule.yaml").write_text(GOOD.format(id="a-rule"))
    ids = [rule.id for rule in load([tmp_path])]
    assert ids == sorted(ids)
    assert {"a-rule", "return-path-bypasses-balancer"} <= set(ids)


def test_shipped_rules_are_there() -> None:
    assert len(list(shipped_rules().rglob("*.yaml"))) == len(list(load()))


def test_references_ignore_literals_and_text() -> None:
    assert references("back.result = 'front.isn' and vip.snat > 0") == [
        ("back", "result"),
        ("vip", "snat"),
    ]
    assert template_references("front.isn {{ front.mss|count('back.x') }} {% if vip.kept %}") == [
        ("front", "mss"),
        ("vip", "kept"),
    ]
