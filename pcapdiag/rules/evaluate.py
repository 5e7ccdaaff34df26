"""Ask every rule about every session, host and capture; put what holds into findings and limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pcapdiag.facts import QueryError, Tables
from pcapdiag.report.model import CERTAINTIES, SEVERITIES, Finding, Limit
from pcapdiag.rules.evidence import Case, Writer
from pcapdiag.rules.model import Problem, Rule, RuleError, RuleSet
from pcapdiag.rules.rows import (
    CAPTURE_ROWS,
    HOST_ROWS,
    SESSION_ROWS,
    SUBJECTS,
    make_rows,
    source_of,
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
    make_rows(tables, rules)
    cases: list[Case] = []
    not_judged: list[tuple[str, str]] = []
    holding = _holding(rules, tables, seconds)
    for rule in rules:
        usable, missing = _usable_captures(rule, tables, seconds)
        if missing and not usable:
            not_judged.append((rule.id, missing))
            continue
        if rule.id in holding:
            cases += _cases(rule, tables, usable if missing else None, seconds)
    writer = Writer(tables, seconds)
    findings: list[Finding] = []
    limits: list[Limit] = []
    for case in _superseded(cases, writer):
        finding = _written(writer, case)
        if case.rule.is_limit:
            limits.append(Limit(finding.rule, finding.summary, finding.frames))
        else:
            findings.append(finding)
    return Judgement(tuple(sorted(findings, key=_rank)), tuple(limits), tuple(not_judged))


def _rank(finding: Finding) -> tuple[int, int, int, str, str]:
    return (
        -SEVERITIES.index(finding.severity),
        -CERTAINTIES.index(finding.certainty),
        -finding.affected,
        finding.rule,
        finding.subject,
    )


def _asked(
    rule: Rule, key: str, tables: Tables, seconds: float, statement: str, *parameters: Any
) -> Any:
    try:
        return tables.ask(statement, parameters, seconds).rows
    except QueryError as error:
        raise RuleError((Problem(rule.path, rule.lines.get(key, 1), str(error)),)) from error


def _holding(rules: RuleSet, tables: Tables, seconds: float) -> set[str]:
    """Return the rules whose condition is true for any row: one statement for all is ten times faster.

    When it fails, all rules are returned: asked one by one, the guilty one names itself.
    """
    holding: set[str] = set()
    for source in (SESSION_ROWS, HOST_ROWS, CAPTURE_ROWS):
        mine = [rule for rule in rules if source_of(rule.scope) is source]
        asked = ", ".join(f"bool_or(({rule.when}))" for rule in mine)
        try:
            row = tables.ask(f"select {asked} from {source.table}", (), seconds).rows[0]
        except QueryError:
            return {rule.id for rule in rules}
        if len(row) != len(mine):
            return {rule.id for rule in rules}
        holding |= {rule.id for rule, holds in zip(mine, row, strict=True) if holds}
    return holding


def _usable_captures(rule: Rule, tables: Tables, seconds: float) -> tuple[list[str], str]:
    """Return the captures that show what the rule requires, and in words what the others lack."""
    usable: set[str] | None = None
    missing = ""
    for number, needed in enumerate(rule.requires):
        rows = _asked(
            rule,
            f"requires.{number}.that",
            tables,
            seconds,
            f"select capture.file, ({needed.that}) is true from _capture_rows",
        )
        good = {file for file, holds in rows if holds}
        if len(good) < len(rows) and not missing:
            missing = needed.otherwise
        usable = good if usable is None else usable & good
    return sorted(usable or ()), missing


def _cases(rule: Rule, tables: Tables, files: list[str] | None, seconds: float) -> list[Case]:
    """Return one case for each subject that the rule holds for; `files` None: in any capture."""
    source = source_of(rule.scope)
    first, second = SUBJECTS[rule.scope]
    ranks = ", ".join(f"coalesce(({text}), false)" for text in (rule.proved, rule.likely) if text)
    words = [word for word, text in (("proved", rule.proved), ("likely", rule.likely)) if text]
    levels = "".join(
        f" when held[{number}] then {CERTAINTIES.index(word)}"
        for number, word in enumerate(words, 1)
    )
    rank = f"case{levels} else 0 end" if words else "0"
    in_files = "" if files is None else "and list_contains(?, capture.file)"
    parameters = [] if files is None or source.table == "_host_rows" else [files]
    if source.table == "_host_rows":
        in_files = ""
    session = "session.id" if source is SESSION_ROWS else "null"
    exclude = f"and ({rule.unless}) is not true" if rule.unless else ""
    prefer = f"coalesce(({rule.evidence.prefer}), false)" if rule.evidence.prefer else "false"
    rows = _asked(
        rule,
        "when",
        tables,
        seconds,
        f"select {first}, {second}, row, {session}, {rank} as rank, preferred from ("
        f"select *, [{ranks}] as held, {prefer} as preferred from {source.table} "
        f"where ({rule.when}) is true {exclude} {in_files}) order by row",
        *parameters,
    )
    by_subject: dict[tuple[Any, Any], list[Any]] = {}
    for row in rows:
        by_subject.setdefault((row[0], row[1]), []).append(row[2:])
    found = [Case.of(rule, key, held) for key, held in by_subject.items() if key[0] is not None]
    return found[:MOST_SESSION_FINDINGS] if rule.scope == "session" else found


def _superseded(cases: Sequence[Case], writer: Writer) -> list[Case]:
    """Take from each case what a more precise rule explains; drop those that are left with nothing."""
    explained: dict[str, set[int]] = {}
    subjects: dict[str, set[tuple[Any, Any]]] = {}
    for case in cases:
        sessions = case.sessions if case.sessions or not case.rule.supersedes else None
        if sessions is None:
            sessions = set(writer.affected_by(case)[0])
        for other in case.rule.supersedes:
            explained.setdefault(other, set()).update(sessions)
            subjects.setdefault(other, set()).add((case.rule.scope, case.subject))
    left = []
    for case in cases:
        if case.sessions:
            case = case.without(explained.get(case.rule.id, set()))
            if case.sessions:
                left.append(case)
        elif (case.rule.scope, case.subject) not in subjects.get(case.rule.id, set()):
            left.append(case)
    return left


def _written(writer: Writer, case: Case) -> Finding:
    try:
        return writer.finding(case)
    except (TextError, QueryError) as error:
        line = case.rule.lines.get("summary", 1)
        raise RuleError((Problem(case.rule.path, line, str(error)),)) from error
