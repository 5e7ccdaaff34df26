"""A rule that holds, written out: who is affected, which frames prove it, what was ruled out, what to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pcapdiag.facts import Tables
from pcapdiag.report.model import (
    CERTAINTIES,
    Exclusion,
    Finding,
    Fix,
    FrameCitation,
    NextCapture,
)
from pcapdiag.rules.load import references
from pcapdiag.rules.model import FrameSource, Rule
from pcapdiag.rules.rows import SESSION_ROWS, SUBJECTS, source_of
from pcapdiag.rules.words import host, render

MOST_FRAMES = 12
"""Frames that one finding cites."""

Context = dict[str, Any]
"""Facts of one row by alias, and the names of :data:`pcapdiag.rules.model.NAMES`."""


@dataclass(frozen=True)
class Case:
    """One rule and one subject that it holds for."""

    rule: Rule
    subject: tuple[Any, Any]
    rows: tuple[tuple[int, int | None, int, bool], ...]
    """(row, session, certainty as index into CERTAINTIES, preferred to stand for all)."""

    @classmethod
    def of(cls, rule: Rule, subject: tuple[Any, Any], rows: Iterable[Any]) -> "Case":
        """Make a case of rows as the database returns them."""
        return cls(rule, subject, tuple((r, s, int(c), bool(p)) for r, s, c, p in rows))

    @property
    def sessions(self) -> set[int]:
        """Ids of the sessions that it is about."""
        return {session for _, session, _, _ in self.rows if session is not None}

    def without(self, sessions: set[int]) -> "Case":
        """Return the case without some sessions."""
        return replace(self, rows=tuple(row for row in self.rows if row[1] not in sessions))

    @property
    def certainty(self) -> int:
        """The best certainty of its rows."""
        return max(row[2] for row in self.rows)

    @property
    def exemplar(self) -> int:
        """The row that stands for all: preferred, most certain, first."""
        return min(self.rows, key=lambda row: (not row[3], -row[2], row[0]))[0]


@dataclass(frozen=True)
class Writer:
    """Writes findings of one analysis."""

    tables: Tables
    seconds: float

    def finding(self, case: Case) -> Finding:
        """Return the finding of a case; raises TextError or QueryError for a rule's mistake."""
        rule = case.rule
        facts = self._row(rule, case.exemplar)
        sessions, affected, of = self._affected(case)
        context: Context = facts | self._names(case)
        context |= {
            "affected": affected,
            "of": of,
            "subject": _subject(rule.scope, case.subject),
            "certainty": CERTAINTIES[case.certainty],
        }
        holds = self._conditions(case)
        wanted = [f for n, f in enumerate(rule.evidence.frames) if holds[f"frames.{n}"]]
        frames = self._frames(wanted, context)
        frames += self._contrast(case, context)
        return Finding(
            rule=rule.id,
            severity=rule.severity,
            scope=rule.scope,
            subject=context["subject"],
            title=rule.title,
            summary=render(rule.summary, context),
            means=render(rule.means, context),
            certainty=context["certainty"],
            sessions=sessions,
            affected=affected,
            of=of,
            frames=_once(frames)[:MOST_FRAMES],
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
                if holds[f"next_capture.{n}"]
            ),
            wireshark_filter=display_filter(facts),
            references=rule.references,
        )

    def _row(self, rule: Rule, row: int) -> Context:
        source = source_of(rule.scope)
        answer = self.tables.ask(f"from {source.table} where row = ?", [row], self.seconds)
        facts = dict(zip(answer.columns, answer.rows[0], strict=True))
        del facts["row"]
        return facts

    def _conditions(self, case: Case) -> dict[str, bool]:
        """Work out all the rule's side conditions at once, by dotted key; empty ones are true.

        An exclusion must hold for every affected row, a next capture be wanted by any; a frame's condition is
        about the row that stands for all.
        """
        rule = case.rule
        asked = {
            f"excludes.{n}": f"bool_and(coalesce(({e.when}), false))"
            for n, e in enumerate(rule.excludes)
        }
        asked |= {
            f"next_capture.{n}": f"bool_or(coalesce(({c.when or 'true'}), false))"
            for n, c in enumerate(rule.next_capture)
        }
        asked |= {
            f"frames.{n}": f"bool_or(coalesce(({f.when or 'true'}), false) and row = {case.exemplar})"
            for n, f in enumerate(rule.evidence.frames)
        }
        if not asked:
            return {}
        answer = self.tables.ask(
            f"select {', '.join(asked.values())} from {source_of(rule.scope).table} "
            "where list_contains(?, row)",
            [[row[0] for row in case.rows]],
            self.seconds,
        )
        return {key: bool(value) for key, value in zip(asked, answer.rows[0], strict=True)}

    def _affected(self, case: Case) -> tuple[tuple[int, ...], int, int]:
        """Return the affected sessions of clients, how many are affected, and of how many."""
        rule = case.rule
        if source_of(rule.scope) is not SESSION_ROWS:
            return self.affected_by(case)
        first, second = SUBJECTS[rule.scope]
        rows = self.tables.ask(
            "select list(distinct session.id order by session.id) filter (not session.health_check), "
            "count(distinct session.id) from _session_rows where list_contains(?, row)",
            [[row[0] for row in case.rows]],
            self.seconds,
        ).rows
        sessions = tuple(rows[0][0] or ())
        checks = "" if not sessions else "not"
        of = self.tables.ask(
            f"select count(distinct session.id) from _session_rows where {checks} session.health_check "
            f"and {first} is not distinct from ? and {second} is not distinct from ?",
            case.subject,
            self.seconds,
        ).rows[0][0]
        return sessions, len(sessions) or rows[0][1], of

    def affected_by(self, case: Case) -> tuple[tuple[int, ...], int, int]:
        """Return the sessions that a host or capture affects, how many, and of how many."""
        rule = case.rule
        of = self.tables.ask(
            "select count(distinct session.id) from _session_rows where not session.health_check",
            (),
        ).rows[0][0]
        if not rule.affects:
            return (), 0, of
        own = source_of(rule.scope)
        # A rule about captures must not see two columns of that name.
        theirs = "s.* exclude (row, capture)" if rule.scope == "capture" else "s.* exclude (row)"
        rows = self.tables.ask(
            f"select distinct session.id as id from (select {theirs}, {own.aliases[0]} "
            f"from _session_rows s, {own.table} o where o.row = ?) "
            f"where not session.health_check and ({rule.affects}) is true order by id",
            [case.exemplar],
            self.seconds,
        ).rows
        sessions = tuple(row[0] for row in rows)
        return sessions, len(sessions), of

    def _names(self, case: Case) -> Context:
        """Return the clients, servers and VIPs of the affected rows as lists of text."""
        if source_of(case.rule.scope) is not SESSION_ROWS:
            return {"clients": [], "servers": [], "vips": []}
        rows = self.tables.ask(
            "select list(distinct session.client order by session.client), "
            "list(distinct struct_pack(a := server.address, p := server.port)), "
            "list(distinct struct_pack(a := session.vip, p := session.vip_port)) "
            "from _session_rows where list_contains(?, row)",
            [[row[0] for row in case.rows]],
            self.seconds,
        ).rows[0]
        return {
            "clients": [text for text in rows[0] or () if text is not None],
            "servers": _end_points(rows[1]),
            "vips": _end_points(rows[2]),
        }

    def _contrast(self, case: Case, context: Context) -> list[FrameCitation]:
        """Return frames of a session that shows the opposite, best with the same server."""
        evidence = case.rule.evidence
        if not evidence.contrast_when:
            return []
        server, vip = context["server"] or {}, context["session"] or {}
        rows = self.tables.ask(
            f"select row from _session_rows where ({evidence.contrast_when}) is true "
            "order by (server.address is not distinct from ?) desc, "
            "(session.vip is not distinct from ?) desc, row limit 1",
            [server.get("address"), vip.get("vip")],
            self.seconds,
        ).rows
        if not rows:
            return []
        other = self._row(case.rule, rows[0][0])
        return self._frames(evidence.contrast, context | other)

    def _frames(self, sources: Iterable[FrameSource], context: Context) -> list[FrameCitation]:
        found: list[FrameCitation] = []
        for source in sources:
            cited = self._events(source, context) if source.events else _column(source, context)
            if cited:
                note = render(source.note, context)
                found += [FrameCitation(file, number, note) for file, number in cited]
        return found

    def _events(self, source: FrameSource, context: Context) -> list[tuple[str, int]]:
        leg = context.get(source.events) or {}
        if leg.get("record") is None:
            return []
        direction = source.direction or None
        rows = self.tables.ask(
            "select file, frame from event where record = ? and kind = ? "
            "and (? is null or direction = ?) order by frame limit ?",
            [leg["record"], source.kind, direction, direction, source.limit],
            self.seconds,
        ).rows
        return [(file, frame) for file, frame in rows]


def _column(source: FrameSource, context: Context) -> list[tuple[str, int]]:
    number = _lookup(source.frame, context)
    file = _lookup(source.file or f"{source.frame.partition('.')[0]}.file", context)
    return [] if number is None or file is None else [(str(file), int(number))]


def _lookup(path: str, context: Context) -> Any:
    alias, _, column = path.partition(".")
    return (context.get(alias) or {}).get(column)


def _once(frames: list[FrameCitation]) -> tuple[FrameCitation, ...]:
    """Return each frame once, in the order of file and number, with its first note."""
    first = {(frame.file, frame.number): frame for frame in reversed(frames)}
    kept = [f for f in frames if first[f.file, f.number] is f][:MOST_FRAMES]
    return tuple(sorted(kept, key=lambda frame: (frame.file, frame.number)))


def _end_points(rows: list[Mapping[str, Any]] | None) -> list[str]:
    known = {(row["a"], row["p"]) for row in rows or () if row["a"] is not None}
    return [_end_point(a, p) for a, p in sorted(known, key=lambda e: (e[0], e[1] or 0))]


def _end_point(address: str, port: int | None) -> str:
    return address if port is None else f"{host(address)}:{port}"


def _subject(scope: str, key: tuple[Any, Any]) -> str:
    if scope == "session":
        return f"session {key[0]}"
    return _end_point(str(key[0]), key[1])


def _facts(rule: Rule, facts: Context) -> dict[str, Any]:
    """Return the facts that decided, of the row that stands for the finding."""
    texts = (rule.when, rule.unless, rule.likely, rule.proved)
    named = dict.fromkeys(pair for text in texts for pair in references(text))
    return {
        f"{alias}.{column}": facts[alias].get(column)
        for alias, column in named
        if facts.get(alias) is not None
    }


def display_filter(facts: Context) -> str:
    """Return a Wireshark filter for the legs of one row, with the servers' ARP; empty: no session."""
    parts = []
    for alias in ("front", "back"):
        leg = facts.get(alias)
        if leg and leg.get("source") is not None:
            family = "ipv6" if ":" in leg["source"] else "ip"
            text = (
                f"({family}.addr == {leg['source']} && {family}.addr == {leg['destination']} && "
                f"tcp.port == {leg['source_port']} && tcp.port == {leg['destination_port']})"
            )
            parts += [text] if text not in parts else []
    if parts:
        parts.append("arp || icmp || icmpv6")
    elif "host" in facts and facts["host"].get("address"):
        address = facts["host"]["address"]
        parts.append(
            f"arp.src.proto_ipv4 == {address} || arp.dst.proto_ipv4 == {address} || icmp"
            if ":" not in address
            else f"icmpv6.nd.na.target_address == {address} || icmpv6.nd.ns.target_address == {address}"
        )
    return " || ".join(parts)
