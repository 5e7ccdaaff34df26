"""Ask every rule about every session, host and capture; put what holds into findings and limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from pcapdiag.beside import beside
from pcapdiag.facts import QueryError, Tables
from pcapdiag.flows import keys
from pcapdiag.flows.legs import Ints
from pcapdiag.report.model import CERTAINTIES, SEVERITIES, Finding, Limit
from pcapdiag.rules import words
from pcapdiag.rules.evidence import Case, Writer
from pcapdiag.rules.model import Problem, Rule, RuleError, RuleSet
from pcapdiag.rules.rows import (
    CAPTURES,
    HOSTS,
    SESSIONS,
    RowTables,
    kind_of,
    make_rows,
    quoted,
)
from pcapdiag.rules.words import TextError

SECONDS: Final = 5.0
"""Longest that one condition may take."""

MOST_SESSION_FINDINGS: Final = 50
"""Findings of one rule about single sessions; more of them say nothing new."""


@dataclass(frozen=True)
class Judgement:
    """What the rules say of one analysis."""

    findings: tuple[Finding, ...]
    """The most important first."""
    limits: tuple[Limit, ...]
    not_judged: tuple[tuple[str, str], ...]
    """(rule id, what the captures would have to show)."""


def evaluate(rules: RuleSet, tables: Tables, seconds: float = SECONDS) -> Judgement:
    """Return what the rules find; raises RuleError when a condition or text cannot be worked out.

    `seconds` is the longest that one condition may take.
    """
    # The database leaves the interpreter alone for as long.
    beside(words.load)
    make_rows(tables, rules, copied=False)
    not_judged: list[tuple[str, str]] = []
    holding: list[tuple[Rule, list[str] | None]] = []
    found = _holding(rules, tables, seconds)
    showing = _captures_showing(rules, tables, seconds)
    for rule in rules:
        usable, missing = _usable_captures(rule, showing)
        if missing and not usable:
            not_judged.append((rule.id, missing))
        elif rule.id in found:
            holding.append((rule, usable if missing else None))
    # Few rules hold, and theirs are few of the facts: these are asked about again and again.
    rows = make_rows(tables, [rule for rule, _ in holding])
    cases = [case for rule, files in holding for case in _cases(rule, rows, files, seconds)]
    writer = Writer(rows, seconds)
    findings: list[Finding] = []
    limits: list[Limit] = []
    for case in _superseded(cases, writer):
        finding = _written(writer, case)
        if case.rule.is_limit:
            limits.append(Limit(finding.rule, finding.summary, finding.frames, case.rule.blinds))
        else:
            findings.append(finding)
    vague = {rule.id for rule in rules if rule.yields}
    findings.sort(key=lambda finding: _rank(finding, finding.rule in vague))
    return Judgement(tuple(findings), tuple(limits), tuple(not_judged))


def _rank(finding: Finding, vague: bool) -> tuple[int, bool, bool, int, int, str, str]:
    """Return what sorts findings: of those that are likely or proved, the one that more users feel leads.

    One that says why, be it for fewer users, leads one that says what they meet (`vague`).
    """
    return (
        -SEVERITIES.index(finding.severity),
        finding.certainty == CERTAINTIES[0],
        vague,
        -finding.affected,
        -CERTAINTIES.index(finding.certainty),
        finding.rule,
        finding.subject,
    )


def _asked(
    rule: Rule, key: str, tables: Tables, seconds: float, statement: str, *parameters: Any
) -> Any:
    try:
        return tables.ask(statement, parameters, seconds).rows
    except QueryError as error:
        raise RuleError((Problem(rule.path, rule.line(key), str(error)),)) from error


def _holding(rules: RuleSet, tables: Tables, seconds: float) -> set[str]:
    """Return the rules whose condition is true for any row: one statement for all is ten times faster.

    When it fails, all rules are returned: asked one by one, the guilty one names itself.
    """
    holding: set[str] = set()
    for kind in (SESSIONS, HOSTS, CAPTURES):
        mine = [rule for rule in rules if kind_of(rule.scope) is kind]
        if not mine:
            continue
        asked = ", ".join(f"bool_or(({quoted(rule.when)}))" for rule in mine)
        try:
            row = tables.ask(f"select {asked} from {kind.view}", (), seconds).rows[0]
        except QueryError:
            return {rule.id for rule in rules}
        if len(row) != len(mine):
            return {rule.id for rule in rules}
        holding |= {rule.id for rule, holds in zip(mine, row, strict=True) if holds}
    return holding


def _captures_showing(rules: RuleSet, tables: Tables, seconds: float) -> dict[str, dict[str, bool]]:
    """Return for each thing that some rule requires which captures show it; many require the same."""
    showing: dict[str, dict[str, bool]] = {}
    for rule in rules:
        for number, needed in enumerate(rule.requires):
            if needed.that not in showing:
                asked = f'select "capture.file", ({quoted(needed.that)}) is true'
                key = f"requires.{number}.that"
                rows = _asked(rule, key, tables, seconds, f"{asked} from {CAPTURES.view}")
                showing[needed.that] = dict(rows)
    return showing


def _usable_captures(
    rule: Rule, showing: Mapping[str, Mapping[str, bool]]
) -> tuple[list[str], str]:
    """Return the captures that show what the rule requires, and in words what the others lack."""
    usable: set[str] | None = None
    missing = ""
    for needed in rule.requires:
        shows = showing[needed.that]
        good = {file for file, holds in shows.items() if holds}
        if len(good) < len(shows) and not missing:
            missing = needed.otherwise
        usable = good if usable is None else usable & good
    return sorted(usable or ()), missing


def _cases(rule: Rule, rows: RowTables, files: list[str] | None, seconds: float) -> list[Case]:
    """Return one case for each subject that the rule holds for; `files` None: in any capture."""
    kind = kind_of(rule.scope)
    levels = [(level, text) for level, text in _levels(rule) if text]
    asked = [f"coalesce(({quoted(text)}), false)::int as level_{level}" for level, text in levels]
    if rule.evidence.prefer:
        asked.append(f"coalesce(({quoted(rule.evidence.prefer)}), false)::int as preferred")
    exclude = f"and ({quoted(rule.unless)}) is not true" if rule.unless else ""
    in_files = (
        'and list_contains(?, "capture.file")' if files is not None and kind is not HOSTS else ""
    )
    statement = (
        f"select {', '.join(['row', *asked])} from {kind.view} "
        f"where ({quoted(rule.when)}) is true {exclude} {in_files} order by row"
    )
    try:
        found = rows.tables.arrays(statement, [files] if in_files else [], seconds)
    except QueryError as error:
        raise RuleError((Problem(rule.path, rule.line("when"), str(error)),)) from error
    at = np.asarray(found["row"], np.int64)
    certainty = np.zeros(len(at), np.int64)
    for level, _ in levels:
        certainty = np.where(np.asarray(found[f"level_{level}"]) == 1, level, certainty)
    preferred = np.asarray(found.get("preferred", np.zeros(len(at)))) == 1
    ids = rows.sources["session", "session"].column("id")[at] if kind is SESSIONS else at * 0 - 1
    position = rows.subjects(rule.scope)[at]
    cases = [
        Case(rule, subject, at, ids, certainty, preferred).chosen(position == subject)
        for subject in keys.distinct(position[position >= 0]).tolist()
    ]
    return cases[:MOST_SESSION_FINDINGS] if rule.scope == "session" else cases


def _levels(rule: Rule) -> list[tuple[int, str]]:
    """Return the conditions of each certainty, as index into CERTAINTIES."""
    return [
        (CERTAINTIES.index("likely"), rule.likely),
        (CERTAINTIES.index("proved"), rule.proved),
    ]


def _superseded(cases: Sequence[Case], writer: Writer) -> list[Case]:
    """Take from each case what a more precise rule explains; drop those that are left with nothing."""
    explained: dict[str, list[Ints]] = {}
    vague = [case.rule.id for case in cases if case.rule.yields]
    for case in cases:
        others = set(case.rule.supersedes)
        if case.rule.severity == "error" and not case.rule.yields:
            others.update(vague)
        if others:
            sessions = case.sessions
            if not case.about_sessions:
                sessions = np.array(writer.affected_by(case)[0], np.int64)
            for other in others:
                explained.setdefault(other, []).append(sessions)
    left = []
    for case in cases:
        known = explained.get(case.rule.id, [])
        if case.about_sessions and known:
            case = case.chosen(~keys.among(case.sessions, np.concatenate(known)))
        if len(case.rows):
            left.append(case)
    return left


def _written(writer: Writer, case: Case) -> Finding:
    try:
        return writer.finding(case)
    except (TextError, QueryError) as error:
        line = case.rule.line("summary")
        raise RuleError((Problem(case.rule.path, line, str(error)),)) from error
