"""Rule files into rules: closed keys, and every mistake of every file reported at its line."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from pcapdiag.facts.vocabulary import table_named
from pcapdiag.report.model import CERTAINTIES, SEVERITIES
from pcapdiag.report.words import meant
from pcapdiag.rules.document import Document, read_document
from pcapdiag.rules.model import (
    ACTORS,
    ALIASES,
    DIRECTIONS,
    PRODUCTS,
    SCOPES,
    SESSION_ALIASES,
    CaptureWish,
    Evidence,
    Exclusion,
    FrameSource,
    Problem,
    Requirement,
    Rule,
    RuleError,
    RuleSet,
)

KEYS: Final = (
    "id", "title", "severity", "severity_when", "scope", "limit", "blinds", "when", "unless", "affects",
    "supersedes", "yields", "certainty", "requires", "summary", "means", "evidence", "answer_path",
    "excludes", "fix", "next_capture", "references", "tests",
)  # fmt: skip
NEEDED: Final = ("id", "title", "severity", "scope", "when", "summary", "means", "tests")

_REFERENCE = re.compile(rf"\b({'|'.join(ALIASES)})\.([A-Za-z_]\w*)")
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def shipped_rules() -> Path:
    """Return the folder of the rules that come with the program: in the wheel, or in the checkout."""
    packed = Path(__file__).with_name("pack")
    return packed if packed.is_dir() else Path(__file__).parents[2] / "rules"


def load(folders: Sequence[Path] = ()) -> RuleSet:
    """Return the shipped rules and those of more folders; raises RuleError with every mistake."""
    problems: list[Problem] = []
    rules: dict[str, Rule] = {}
    for folder in (shipped_rules(), *map(Path, folders)):
        if not folder.is_dir():
            problems.append(Problem(folder, 1, "no such folder"))
        for path in sorted(folder.rglob("*.yaml")):
            rule = read_rule(path, problems)
            if rule is None:
                continue
            if rule.id in rules:
                what = f"'{rule.id}' is also in {rules[rule.id].path}"
                problems.append(Problem(path, rule.line("id"), what))
            rules[rule.id] = rule
    for rule in rules.values():
        for number, other in enumerate(rule.supersedes):
            if other not in rules:
                what = f"supersedes unknown rule '{other}'{meant(other, rules)}"
                problems.append(Problem(rule.path, rule.line(f"supersedes.{number}"), what))
    if problems:
        raise RuleError(tuple(problems))
    return RuleSet(tuple(rules[name] for name in sorted(rules)))


def read_rule(path: Path, problems: list[Problem]) -> Rule | None:
    """Read one rule file; None when it has mistakes, which are added to `problems`."""
    before = len(problems)
    document = read_document(path, problems)
    if document is None:
        return None
    reader = _Reader(document, problems)
    rule = reader.rule()
    return rule if len(problems) == before else None


def references(text: str) -> list[tuple[str, str]]:
    """Return the (alias, column) pairs that a condition or template names."""
    return [(match[1], match[2]) for match in _REFERENCE.finditer(_LITERAL.sub("''", text))]


def template_references(text: str) -> list[tuple[str, str]]:
    """Return the same for a template: only what stands in braces counts."""
    braces = re.findall(r"\{\{.*?\}\}|\{%.*?%\}", text, re.DOTALL)
    return [pair for brace in braces for pair in references(brace)]


class _Reader:
    """Takes a document apart; notes every mistake and goes on."""

    def __init__(self, document: Document, problems: list[Problem]) -> None:
        self.document = document
        self.problems = problems

    def wrong(self, key: str, what: str) -> None:
        self.problems.append(Problem(self.document.path, self.document.line(key), what))

    def rule(self) -> Rule:
        values = self.document.values
        self.keys("", values, KEYS, NEEDED)
        scope = self.one_of("scope", values.get("scope"), SCOPES)
        rule_id = self.text("id", values.get("id"))
        if rule_id and rule_id != self.document.path.stem:
            self.wrong(
                "id", f"the id is '{rule_id}', the file is called '{self.document.path.name}'"
            )
        if rule_id and not _ID.fullmatch(rule_id):
            self.wrong("id", "an id is words in lower case, joined by '-'")
        certainty = self.mapping("certainty", values.get("certainty"), ("likely", "proved"))
        lesser = self.mapping("severity_when", values.get("severity_when"), SEVERITIES)
        tests = self.mapping("tests", values.get("tests"), ("fires", "silent"))
        fix = self.mapping("fix", values.get("fix"), PRODUCTS)
        rule = Rule(
            id=rule_id,
            path=self.document.path,
            lines=self.document.lines,
            title=self.text("title", values.get("title")),
            severity=self.one_of("severity", values.get("severity"), SEVERITIES),
            severity_when=tuple((s, self.text(f"severity_when.{s}", lesser[s])) for s in lesser),
            scope=scope,
            when=self.text("when", values.get("when")),
            unless=self.text("unless", values.get("unless")),
            affects=self.text("affects", values.get("affects")),
            supersedes=self.texts("supersedes", values.get("supersedes")),
            yields=self.flag("yields", values.get("yields")),
            likely=self.text("certainty.likely", certainty.get("likely")),
            proved=self.text("certainty.proved", certainty.get("proved")),
            requires=self.requires(values.get("requires")),
            summary=self.text("summary", values.get("summary")),
            means=self.text("means", values.get("means")),
            evidence=self.evidence(values.get("evidence")),
            excludes=self.excludes(values.get("excludes")),
            fix=tuple((p, self.text(f"fix.{p}", fix[p])) for p in PRODUCTS if p in fix),
            next_capture=self.captures(values.get("next_capture")),
            references=self.texts("references", values.get("references")),
            is_limit=self.flag("limit", values.get("limit")),
            blinds=self.flag("blinds", values.get("blinds")),
            answer_path=self.actors("answer_path", values.get("answer_path")),
            fires=self.texts("tests.fires", tests.get("fires")),
            silent=self.texts("tests.silent", tests.get("silent")),
        )
        if rule.is_limit and (rule.scope, rule.severity) != ("capture", "note"):
            self.wrong("limit", "a limit is a note about a capture")
        if rule.blinds and not rule.is_limit:
            self.wrong("blinds", "only a limit can blind")
        self.facts(rule)
        return rule

    def keys(
        self, key: str, values: dict[str, Any], known: Sequence[str], needed: Sequence[str]
    ) -> None:
        for name in values:
            if name not in known:
                inner = f"{key}.{name}" if key else name
                self.wrong(inner, f"unknown key '{name}'{meant(name, known)}")
        for name in needed:
            if name not in values:
                self.wrong(key, f"'{name}' is missing")

    def text(self, key: str, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, str | int):
            return str(value).strip()
        self.wrong(key, f"'{key}' must be text")
        return ""

    def texts(self, key: str, value: Any) -> tuple[str, ...]:
        if value is None:
            return ()
        if not isinstance(value, list):
            self.wrong(key, f"'{key}' must be a list")
            return ()
        return tuple(self.text(f"{key}.{number}", item) for number, item in enumerate(value))

    def one_of(self, key: str, value: Any, known: Sequence[str]) -> str:
        text = self.text(key, value)
        if text and text not in known:
            self.wrong(
                key, f"'{key}' is one of {', '.join(known)}, not '{text}'{meant(text, known)}"
            )
        return text

    def flag(self, key: str, value: Any) -> bool:
        return self.one_of(key, value, ("true", "false")) == "true"

    def actors(self, key: str, value: Any) -> tuple[str, ...]:
        names = self.texts(key, value)
        for number, name in enumerate(names):
            self.one_of(f"{key}.{number}", name, ACTORS)
        return names

    def mapping(
        self, key: str, value: Any, known: Sequence[str], needed: Sequence[str] = ()
    ) -> dict[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.wrong(key, f"'{key}' must be a mapping")
            return {}
        self.keys(key, value, known, needed)
        return value

    def each(
        self, key: str, value: Any, known: Sequence[str], needed: Sequence[str]
    ) -> list[tuple[str, dict[str, Any]]]:
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong(key, f"'{key}' must be a list")
            return []
        return [
            (f"{key}.{number}", self.mapping(f"{key}.{number}", item, known, needed))
            for number, item in enumerate(value)
        ]

    def requires(self, value: Any) -> tuple[Requirement, ...]:
        return tuple(
            Requirement(self.text(f"{key}.that", row.get("that")), self.text(key, row.get("else")))
            for key, row in self.each("requires", value, ("that", "else"), ("that", "else"))
        )

    def excludes(self, value: Any) -> tuple[Exclusion, ...]:
        names = ("hypothesis", "when", "why")
        return tuple(
            Exclusion(*(self.text(f"{key}.{name}", row.get(name)) for name in names))
            for key, row in self.each("excludes", value, names, names)
        )

    def captures(self, value: Any) -> tuple[CaptureWish, ...]:
        names = ("when", "until", "where", "command", "why")
        found = []
        for key, row in self.each("next_capture", value, names, names[2:]):
            self.one_of(f"{key}.until", row.get("until"), CERTAINTIES)
            texts = (self.text(f"{key}.{name}", row.get(name)) for name in names)
            found.append(CaptureWish(*texts))
        return tuple(found)

    def evidence(self, value: Any) -> Evidence:
        row = self.mapping("evidence", value, ("prefer", "frames", "contrast"))
        contrast = self.mapping(
            "evidence.contrast", row.get("contrast"), ("when", "frames"), ("when", "frames")
        )
        return Evidence(
            prefer=self.text("evidence.prefer", row.get("prefer")),
            frames=self.frames("evidence.frames", row.get("frames")),
            contrast_when=self.text("evidence.contrast.when", contrast.get("when")),
            contrast=self.frames("evidence.contrast.frames", contrast.get("frames")),
        )

    def frames(self, key: str, value: Any) -> tuple[FrameSource, ...]:
        names = ("note", "frame", "file", "events", "kind", "direction", "limit", "when")
        found = []
        for inner, row in self.each(key, value, names, ("note",)):
            texts = {name: self.text(f"{inner}.{name}", row.get(name)) for name in names}
            if bool(texts["frame"]) == bool(texts["events"]):
                self.wrong(
                    inner, "a frame comes either from 'frame' (alias.column) or from 'events'"
                )
            if texts["frame"] and not _REFERENCE.fullmatch(texts["frame"]):
                self.wrong(f"{inner}.frame", f"'{texts['frame']}' is not of the form alias.column")
            if texts["events"] and texts["events"] not in ("front", "back"):
                self.wrong(f"{inner}.events", "events are those of 'front' or 'back'")
            self.one_of(f"{inner}.direction", row.get("direction"), DIRECTIONS)
            limit = (
                int(texts["limit"] or 1) if texts["limit"].isdecimal() or not texts["limit"] else 0
            )
            if limit < 1:
                self.wrong(f"{inner}.limit", f"'{inner}.limit' is a number from 1 on")
            found.append(FrameSource(**(texts | {"limit": limit})))  # type: ignore[arg-type]
        return tuple(found)

    def facts(self, rule: Rule) -> None:
        """Note names of facts that do not exist or do not belong to the rule's scope."""
        about = rule.scope if rule.scope in ("host", "capture") else ""
        allowed = {about} if about else set(SESSION_ALIASES)
        for key, text in rule.conditions().items():
            also = set(SESSION_ALIASES) if key == "affects" else set()
            only = {"capture"} if key.startswith("requires.") else allowed | also
            self.known(key, references(text), only)
        for key, text in rule.texts().items():
            self.known(key, template_references(text), allowed)
        for key, source in rule.frame_sources().items():
            self.known(f"{key}.frame", references(f"{source.frame} {source.file}"), allowed)

    def known(self, key: str, named: list[tuple[str, str]], allowed: set[str]) -> None:
        for alias, column in dict.fromkeys(named):
            if alias not in allowed:
                self.wrong(key, f"'{alias}' cannot be used here, only {', '.join(sorted(allowed))}")
                continue
            if column not in _columns(ALIASES[alias]):
                facts = [f"{alias}.{known}" for known in _columns(ALIASES[alias])]
                fact = f"{alias}.{column}"
                self.wrong(key, f"no fact named '{fact}'{meant(fact, facts)}")


@cache
def _columns(table: str) -> frozenset[str]:
    return frozenset(column.name for column in table_named(table).columns)
