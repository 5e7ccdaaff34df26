"""Find the mistakes in rules that reading them cannot: SQL that does not bind, texts that do not render.

Conditions are single boolean expressions over one row; a subquery would ask about others.
"""

import json
from collections.abc import Iterator
from typing import Any

from pcapdiag.facts import QueryError, Tables
from pcapdiag.flows.events import EVENT_KINDS
from pcapdiag.report.words import meant
from pcapdiag.rules.model import NAMES, Problem, Rule, RuleError, RuleSet
from pcapdiag.rules.rows import CAPTURES, SESSIONS, RowTables, kind_of, make_rows, quoted
from pcapdiag.rules.words import TextError, parse


def check(rules: RuleSet, tables: Tables) -> tuple[Problem, ...]:
    """Return every mistake in the rules' conditions, texts and evidence; tables of any analysis will do."""
    try:
        rows = make_rows(tables, rules)
    except RuleError as error:
        return error.problems
    return tuple(problem for rule in rules for problem in _problems(rule, rows))


def _problems(rule: Rule, rows: RowTables) -> Iterator[Problem]:
    for key, condition in rule.conditions().items():
        what = _condition(rule, key, condition, rows)
        if what:
            yield Problem(rule.path, rule.line(key), what)
    for key, text in rule.texts().items():
        what = _text(rule, text)
        if what:
            yield Problem(rule.path, rule.line(key), what)
    for key, source in rule.frame_sources().items():
        if source.events and source.kind not in EVENT_KINDS:
            what = f"no kind of event named '{source.kind}'{meant(source.kind, EVENT_KINDS)}"
            yield Problem(rule.path, rule.line(key), what)


def _condition(rule: Rule, key: str, condition: str, rows: RowTables) -> str:
    """Return what is wrong with a condition; empty: nothing."""
    try:
        tree = json.loads(
            rows.tables.ask("select json_serialize_sql(?)", [f"select ({condition})"]).rows[0][0]
        )
        if tree.get("error"):
            return f"SQL: {tree.get('error_message', 'not an expression')}"
        node = tree["statements"][0]["node"]
        if len(tree["statements"]) != 1 or len(node.get("select_list", ())) != 1:
            return "a condition is a single expression"
        for inner in _nodes(node["select_list"][0]):
            if inner.get("class") == "SUBQUERY":
                return "a condition cannot ask about other rows (no subquery)"
            if inner.get("class") == "WINDOW":
                return "a condition cannot ask about other rows (no window function)"
        answer = rows.tables.ask(
            f"select ({quoted(condition)}) from {_rows(rule, key, rows)} limit 1"
        )
    except QueryError as error:
        return f"SQL: {error}"
    if answer.types[0].upper() not in ("BOOLEAN", "BOOL", '"NULL"'):
        return f"a condition is true or false, this one is {answer.types[0]}"
    return ""


def _rows(rule: Rule, key: str, rows: RowTables) -> str:
    kind = kind_of(rule.scope)
    if key.startswith("requires."):
        return CAPTURES.view
    if key.startswith("evidence.contrast.") or (key == "affects" and kind is SESSIONS):
        return SESSIONS.view
    return rows.with_one(kind) if key == "affects" else kind.view


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield all mappings in the parsed statement; its depth is bounded by the database's own parser."""
    waiting = [tree]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found


def _text(rule: Rule, text: str) -> str:
    """Return what is wrong with a template; empty: nothing."""
    from jinja2 import meta

    try:
        names = meta.find_undeclared_variables(parse(text))
    except TextError as error:
        return f"text: {error}"
    known = {*kind_of(rule.scope).aliases, *NAMES}
    for name in sorted(names - known):
        return f"text: no name '{name}'{meant(name, known)}"
    return ""
