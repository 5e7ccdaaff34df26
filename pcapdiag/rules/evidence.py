"""A rule that holds, written out: who is affected, which frames prove it, what was ruled out, what to do."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.facts import Source
from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.report.model import (
    CERTAINTIES,
    Exclusion,
    Finding,
    Fix,
    NextCapture,
)
from pcapdiag.report.words import endpoint
from pcapdiag.rules.citations import Context, citations, contrast, display_filter, each_once
from pcapdiag.rules.load import references
from pcapdiag.rules.model import Rule
from pcapdiag.rules.rows import SESSIONS, RowTables, kind_of, quoted
from pcapdiag.rules.words import render


@dataclass(frozen=True)
class Case:
    """One rule and one subject that it holds for."""

    rule: Rule
    position: int
    """Of the subject in its table."""
    rows: Ints
    sessions: Ints
    """Ids, one entry a row; -1: the rule is not about sessions."""
    certainty: Ints
    """Index into CERTAINTIES, one entry a row."""
    preferred: Bools
    """Rows that should stand for all."""

    def chosen(self, which: Bools) -> "Case":
        """Return the case with some of its rows."""
        return replace(
            self,
            rows=self.rows[which],
            sessions=self.sessions[which],
            certainty=self.certainty[which],
            preferred=self.preferred[which],
        )

    @property
    def about_sessions(self) -> bool:
        """Say whether its rows are about sessions."""
        return kind_of(self.rule.scope) is SESSIONS

    @property
    def exemplar(self) -> int:
        """The row that stands for all: preferred, most certain, first."""
        return int(self.rows[np.lexsort((self.rows, -self.certainty, ~self.preferred))[0]])


@dataclass(frozen=True)
class Writer:
    """Writes findings of one analysis."""

    rows: RowTables
    seconds: float

    def finding(self, case: Case) -> Finding:
        """Return the finding of a case; raises TextError or QueryError for a rule's mistake."""
        rule = case.rule
        facts = self.rows.facts(kind_of(rule.scope), case.exemplar)
        sessions, affected, of = self._affected(case)
        context: Context = facts | self._names(case)
        context |= {
            "affected": affected,
            "of": of,
            "subject": self._subject(case),
            "certainty": CERTAINTIES[int(case.certainty.max())],
        }
        holds = self._conditions(case)
        wanted = [f for n, f in enumerate(rule.evidence.frames) if holds[f"frames.{n}"]]
        frames = citations(self.rows, wanted, context)
        frames += contrast(self.rows, rule.evidence, context, self.seconds)
        return Finding(
            rule=rule.id,
            severity=self._severity(rule, holds),
            scope=rule.scope,
            subject=context["subject"],
            title=rule.title,
            summary=render(rule.summary, context),
            means=render(rule.means, context),
            certainty=context["certainty"],
            sessions=sessions,
            affected=affected,
            of=of,
            frames=each_once(frames),
            facts=_facts(rule, facts),
            excluded=tuple(
                Exclusion(render(e.hypothesis, context), render(e.why, context))
                for n, e in enumerate(rule.excludes)
                if holds[f"excludes.{n}"]
            ),
            fix=tuple(Fix(product, render(text, context)) for product, text in rule.fix),
            next_capture=tuple(
                NextCapture(
                    render(c.where, context), render(c.command, context), render(c.why, context)
                )
                for n, c in enumerate(rule.next_capture)
                if holds[f"next_capture.{n}"] and not _reached(c.until, context["certainty"])
            ),
            wireshark_filter=display_filter(facts),
            references=rule.references,
            answer_path=rule.answer_path,
        )

    def _severity(self, rule: Rule, holds: dict[str, bool]) -> str:
        """Return the first other severity whose condition holds, else the rule's own."""
        other = (
            severity for severity, _ in rule.severity_when if holds[f"severity_when.{severity}"]
        )
        return next(other, rule.severity)

    def _conditions(self, case: Case) -> dict[str, bool]:
        """Work out all the rule's side conditions at once, by dotted key; empty ones are true.

        An exclusion and another severity must hold for every affected row, a next capture be wanted by any; a
        frame's condition is about the row that stands for all.
        """
        rule = case.rule
        asked = {
            f"excludes.{n}": f"bool_and(coalesce(({quoted(e.when)}), false))"
            for n, e in enumerate(rule.excludes)
        }
        asked |= {
            f"severity_when.{severity}": f"bool_and(coalesce(({quoted(text)}), false))"
            for severity, text in rule.severity_when
        }
        asked |= {
            f"next_capture.{n}": f"bool_or(coalesce(({quoted(c.when) or 'true'}), false))"
            for n, c in enumerate(rule.next_capture)
        }
        asked |= {
            f"frames.{n}": f"bool_or(coalesce(({quoted(f.when) or 'true'}), false) and row = {case.exemplar})"
            for n, f in enumerate(rule.evidence.frames)
        }
        if not asked:
            return {}
        answer = self.rows.tables.ask(
            f"select {', '.join(asked.values())} from {kind_of(rule.scope).view} "
            f"where row in (select row from {self.rows.publish_rows(case.rows)})",
            seconds=self.seconds,
        )
        return {key: bool(value) for key, value in zip(asked, answer.rows[0], strict=True)}

    def _affected(self, case: Case) -> tuple[tuple[int, ...], int, int]:
        """Return the affected sessions of clients, how many are affected, and of how many."""
        rule = case.rule
        if not case.about_sessions:
            return self.affected_by(case)
        ids, checks = self._column("id"), self._column("health_check") == 1
        mine = np.zeros(len(ids), np.bool_)
        mine[case.rows] = True
        sessions = keys.distinct(ids[mine & ~checks])
        # A rule about health checks counts health checks.
        same = self.rows.same_subject(rule.scope, case.exemplar) & (checks == (not len(sessions)))
        affected = len(sessions) or len(keys.distinct(ids[mine]))
        return tuple(sessions.tolist()), affected, len(keys.distinct(ids[same]))

    def _column(self, name: str) -> NDArray[Any]:
        return self.rows.sources["session", "session"].column(name)

    def affected_by(self, case: Case) -> tuple[tuple[int, ...], int, int]:
        """Return the sessions that a host or capture affects, how many, and of how many."""
        rule, kind = case.rule, kind_of(case.rule.scope)
        of = len(keys.distinct(self._column("id")[self._column("health_check") != 1]))
        if not rule.affects:
            return (), 0, of
        rows = self.rows.tables.ask(
            f'select distinct "session.id" from {self.rows.with_one(kind, case.exemplar)} '
            f'where not "session.health_check" and ({quoted(rule.affects)}) is true order by 1',
            seconds=self.seconds,
        ).rows
        sessions = tuple(row[0] for row in rows)
        return sessions, len(sessions), of

    def _names(self, case: Case) -> Context:
        """Return the clients, servers and VIPs of the affected rows as lists of text."""
        if not case.about_sessions:
            return {"clients": [], "servers": [], "vips": []}
        tables = self.rows.tables
        rows = tables.rows
        clients = keys.distinct(rows.client[case.rows])
        return {
            "clients": tables.book.text(clients[clients >= 0]).tolist(),
            "servers": _endpoints(tables.sources["server"], rows.server[case.rows]),
            "vips": _endpoints(tables.sources["vip"], rows.vip[case.rows]),
        }

    def _subject(self, case: Case) -> str:
        scope = case.rule.scope
        one = self.rows.tables.sources[scope].gather(np.array([case.position], np.int64))
        if scope == "session":
            return f"session {one.column('id')[0]}"
        if scope == "capture":
            return str(one.column("file")[0])
        port = int(one.column("port")[0]) if scope in ("vip", "server") else -1
        return endpoint(str(one.column("address")[0]), None if port < 0 else port)


def _reached(wanted: str, certainty: str) -> bool:
    """Say whether a finding is at least as certain as that; an empty wish never is."""
    return bool(wanted) and CERTAINTIES.index(certainty) >= CERTAINTIES.index(wanted)


def _endpoints(source: Source, positions: NDArray[Any]) -> list[str]:
    """Return the distinct rows at these positions as address:port, in the table's order."""
    known = keys.distinct(positions[positions >= 0])
    addresses, ports = source.column("address")[known], source.column("port")[known]
    return [
        endpoint(address, None if port < 0 else port)
        for address, port in zip(addresses.tolist(), ports.tolist(), strict=True)
    ]


def _facts(rule: Rule, facts: Context) -> dict[str, Any]:
    """Return the facts that decided, of the row that stands for the finding."""
    texts = (rule.when, rule.unless, rule.likely, rule.proved)
    named = dict.fromkeys(pair for text in texts for pair in references(text))
    return {
        f"{alias}.{column}": facts[alias].get(column)
        for alias, column in named
        if facts.get(alias) is not None
    }
