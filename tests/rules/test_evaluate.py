"""Rules of one's own: unknown facts, certainty, requirements, silencing, and packs that misbehave."""

from pathlib import Path

import pytest

from pcapdiag.rules import Judgement, RuleError, RuleSet, evaluate
from pcapdiag.rules.load import read_rule
from pcapdiag.rules.model import Problem, Rule
from tests.rules.story import LOCAL, REFUSED, REMOTE, SERVED, SILENT, Story, back, kept

RULE = """\
id: {id}
title: A rule
severity: {severity}
scope: {scope}
when: {when}
summary: "{summary}"
means: Nothing.
{more}
tests: {{fires: [], silent: []}}
"""


def rule(tmp_path: Path, name: str = "a-rule", **parts: str) -> Rule:
    filled = {"scope": "vip", "when": "'true'", "severity": "error", "summary": "Said.", "more": ""}
    path = tmp_path / f"{name}.yaml"
    path.write_text(RULE.format(id=name, **(filled | parts)))
    problems: list[Problem] = []
    found = read_rule(path, problems)
    assert problems == []
    assert found is not None
    return found


def judged(story: Story, *rules: Rule) -> Judgement:
    return evaluate(RuleSet(rules), story.tables())


def story() -> Story:
    made = Story().session(LOCAL, back(), **SERVED)
    made.session(REMOTE, kept(**SILENT), mode="transparent", outcome="failed")
    return made.session(REMOTE, back(**REFUSED), outcome="failed").wait(10)


@pytest.mark.parametrize(
    ("when", "sessions"),
    [
        ("back.icmp_frame > 0", ()),  # unknown is not true
        ("not (back.icmp_frame > 0)", ()),  # nor is its opposite
        ("back.icmp_frame > 0 or back.result = 'refused'", (3,)),
        ("back.icmp_frame > 0 and back.result = 'refused'", ()),
        ("back.icmp_frame is null", (1, 2, 3)),
        ("coalesce(back.icmp_frame, 0) = 0 and back.syn_count = 3", (2,)),
    ],
)
def test_unknown_facts_follow_kleene(tmp_path: Path, when: str, sessions: tuple[int, ...]) -> None:
    findings = judged(story(), rule(tmp_path, when=when)).findings
    assert tuple(number for f in findings for number in f.sessions) == sessions


def test_unless_takes_rows_away_only_when_true(tmp_path: Path) -> None:
    with_unknown = rule(tmp_path, when="'true'", more="unless: back.icmp_frame > 0")
    assert judged(story(), with_unknown).findings[0].sessions == (1, 2, 3)
    refused = rule(tmp_path, when="'true'", more="unless: back.result = 'refused'")
    assert judged(story(), refused).findings[0].sessions == (1, 2)


def test_certainty_is_the_best_that_holds(tmp_path: Path) -> None:
    def certainty(likely: str, proved: str) -> str:
        more = f'certainty: {{likely: "{likely}", proved: "{proved}"}}'
        return judged(story(), rule(tmp_path, more=more)).findings[0].certainty

    assert certainty("false", "false") == "possible"
    assert certainty("back.result = 'refused'", "back.icmp_frame > 0") == "likely"
    assert certainty("false", "back.result = 'refused'") == "proved"


def test_requirement_that_fails_is_named(tmp_path: Path) -> None:
    more = "requires:\n  - {that: capture.health_checks > 0, else: no health checks to see}"
    judgement = judged(story(), rule(tmp_path, more=more))
    assert judgement.findings == ()
    assert judgement.not_judged == (("a-rule", "no health checks to see"),)


def test_precise_rule_silences_the_vague_one_for_its_sessions(tmp_path: Path) -> None:
    vague = rule(tmp_path, "vague", when="session.outcome = 'failed'")
    precise = rule(tmp_path, "precise", when="back.result = 'refused'", more="supersedes: [vague]")
    found = {f.rule: f.sessions for f in judged(story(), vague, precise).findings}
    assert found == {"precise": (3,), "vague": (2,)}
    all_ = rule(tmp_path, "precise", when="session.id > 0", more="supersedes: [vague]")
    assert [f.rule for f in judged(story(), vague, all_).findings] == ["precise"]


def test_what_users_meet_gives_way_to_why(tmp_path: Path) -> None:
    met = rule(tmp_path, "met", when="session.outcome = 'failed'", more="yields: true")
    why = rule(tmp_path, "why", when="back.result = 'refused'")
    found = {f.rule: f.sessions for f in judged(story(), met, why).findings}
    assert found == {"why": (3,), "met": (2,)}
    note = rule(tmp_path, "why", when="back.result = 'refused'", severity="note")
    assert {f.rule: f.sessions for f in judged(story(), met, note).findings}["met"] == (2, 3)


def test_why_some_fail_leads_what_more_meet(tmp_path: Path) -> None:
    sure = "certainty: {likely: 'true'}"
    met = rule(tmp_path, "met", when="session.id > 0", more=f"yields: true\n{sure}")
    why = rule(tmp_path, "why", when="back.result = 'refused'", more=sure)
    assert [f.rule for f in judged(story(), met, why).findings] == ["why", "met"]


def test_one_finding_a_subject(tmp_path: Path) -> None:
    made = story().session(REMOTE, back("192.0.2.75"), vip="192.0.2.180:443", **SERVED)
    by_vip = judged(made, rule(tmp_path, when="'true'")).findings
    assert [(f.subject, f.affected, f.of) for f in by_vip] == [
        ("192.0.2.173:25", 3, 3),
        ("192.0.2.180:443", 1, 1),
    ]
    by_server = judged(made, rule(tmp_path, scope="server", when="'true'")).findings
    assert [(f.subject, f.affected) for f in by_server] == [
        ("192.0.2.74:25", 3),
        ("192.0.2.75:25", 1),
    ]


def test_host_rule_names_the_sessions_it_affects(tmp_path: Path) -> None:
    own = rule(
        tmp_path,
        scope="host",
        when="host.is_vip",
        summary="{{ affected }} of {{ of }} at {{ subject }}",
        more="affects: session.vip = host.address and session.outcome = 'failed'",
    )
    (finding,) = judged(story(), own).findings
    assert (finding.sessions, finding.summary) == ((2, 3), "2 of 3 at 192.0.2.173")


@pytest.mark.parametrize(
    "when",
    [
        "(select count(*) from range(100000000) a, range(100000000) b where a.range % 7 = b.range) > 0",
        "(select count(*) from read_text('/etc/passwd')) > 0",
        "no_such_function(1)",
        "back.syn_count > 'many'",
        "true) or (select 1 from read_csv('/etc/passwd')",
    ],
)
def test_pack_that_misbehaves_is_named(tmp_path: Path, when: str) -> None:
    good = rule(tmp_path, "good", when="back.result = 'refused'")
    bad = rule(tmp_path, "bad", when=f'"{when}"')
    tables = story().tables()
    with pytest.raises(RuleError, match=r"bad\.yaml:5: "):
        evaluate(RuleSet((bad, good)), tables, seconds=0.5)


def test_text_that_cannot_be_rendered_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"a-rule\.yaml:6: "):
        judged(story(), rule(tmp_path, summary="{{ nobody }}"))


def test_facts_of_the_condition_are_kept(tmp_path: Path) -> None:
    finding = judged(story(), rule(tmp_path, when="back.result = 'refused'")).findings[0]
    assert finding.facts == {"back.result": "refused"}
    assert "tcp.port == 25" in finding.wireshark_filter


def test_capture_rule_names_the_sessions_it_affects(tmp_path: Path) -> None:
    own = rule(
        tmp_path,
        scope="capture",
        when="capture.flows > 1",
        more="affects: session.file = capture.file and session.outcome = 'failed'",
    )
    (finding,) = judged(story(), own).findings
    assert (finding.sessions, finding.subject) == ((2, 3), "story.pcap")


def test_another_severity_must_hold_for_all_that_are_affected(tmp_path: Path) -> None:
    def severity(when: str) -> str:
        more = "severity_when: {warning: \"session.outcome = 'failed'\"}"
        return judged(story(), rule(tmp_path, when=when, more=more)).findings[0].severity

    assert severity("session.outcome = 'failed'") == "warning"
    assert severity("session.id > 0") == "error"


@pytest.mark.parametrize(
    ("certainty", "wanted"), [("possible", True), ("likely", True), ("proved", False)]
)
def test_a_capture_is_asked_for_until_the_finding_is_certain(
    tmp_path: Path, certainty: str, wanted: bool
) -> None:
    more = "next_capture:\n  - {until: proved, where: there, command: tcpdump, why: to see}\n"
    more += f"certainty: {{{'likely' if certainty == 'possible' else certainty}: "
    more += f'"{str(certainty != "possible").lower()}"}}'
    (finding,) = judged(story(), rule(tmp_path, more=more)).findings
    assert (finding.certainty, bool(finding.next_capture)) == (certainty, wanted)


def test_a_frame_for_comparison_has_conditions_about_its_own_row(tmp_path: Path) -> None:
    more = """\
evidence:
  contrast:
    when: session.outcome = 'ok'
    frames:
      - {frame: front.syn_frame, when: session.outcome = 'ok', note: shown}
      - {frame: back.syn_frame, when: session.outcome = 'failed', note: hidden}
"""
    failed = rule(tmp_path, when="session.outcome = 'failed'", more=more)
    (finding,) = judged(story(), failed).findings
    assert [frame.note for frame in finding.frames] == ["shown"]


def test_a_limit_says_so_itself(tmp_path: Path) -> None:
    about = {"scope": "capture", "severity": "note"}
    note = rule(tmp_path, "capture-note", **about)
    limit = rule(tmp_path, "other", **about, more="limit: true\nblinds: true")
    found = judged(story(), note, limit)
    assert [finding.rule for finding in found.findings] == ["capture-note"]
    assert [(each.id, each.blinds) for each in found.limits] == [("other", True)]
