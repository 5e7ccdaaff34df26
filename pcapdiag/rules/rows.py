"""The rows that conditions are asked about: what one session, host or capture shows, side by side.

One view of the database has a column ``alias.column`` for every fact that some condition names, so all
conditions are evaluated in one scan; :func:`quoted` writes a condition in these names.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pcapdiag.facts import Published, Source, Tables
from pcapdiag.facts.vocabulary import table_named
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.rules.load import references, template_references
from pcapdiag.rules.model import ALIASES, SESSION_ALIASES, Rule

LEG = (
    "record", "file", "source", "source_port", "destination", "destination_port",
    "next_mac_to_responder",
)  # fmt: skip

SHOWN: Mapping[str, tuple[str, ...]] = {
    "session": ("id", "file", "front", "client", "vip", "vip_port"),
    "front": LEG,
    "back": LEG,
    "vip": ("address", "port"),
    "server": ("address", "port"),
    "capture": ("file",),
    "host": ("address",),
}
"""Facts of the row that stands for a finding, needed whatever the rules name."""

ASKED: Mapping[str, tuple[str, ...]] = {
    "session": ("id", "vip", "health_check"),
    "front": ("record",),
    "back": ("record",),
    "vip": ("address",),
    "server": ("address",),
    "capture": ("file",),
    "host": ("address",),
}
"""Facts of all rows, needed whatever the conditions name."""


@dataclass(frozen=True)
class Kind:
    """One kind of rows."""

    name: str
    aliases: tuple[str, ...]

    @property
    def view(self) -> str:
        """What stands behind FROM."""
        return f'"_row_{self.name}"'


SESSIONS = Kind("session", SESSION_ALIASES)
HOSTS = Kind("host", ("host",))
CAPTURES = Kind("capture", ("capture",))


def kind_of(scope: str) -> Kind:
    """Return the rows that rules of a scope are asked about."""
    return {"host": HOSTS, "capture": CAPTURES}.get(scope, SESSIONS)


@dataclass(frozen=True)
class RowTables:
    """The rows of one analysis."""

    tables: Tables
    sources: Mapping[tuple[str, str], Source]
    """By name of the kind and alias."""
    asked: Mapping[str, frozenset[str]]
    """Facts that conditions name, by alias: the columns of the views."""
    shown: Mapping[str, frozenset[str]]
    """Facts that texts may name, by alias."""

    def facts(self, kind: Kind, row: int) -> dict[str, Any]:
        """Return the facts of one row by alias, unknown ones None."""
        at = np.array([row], np.int64)
        return {
            alias: _values(self.sources[kind.name, alias].gather(at), alias, self.shown[alias])
            for alias in kind.aliases
        }

    def same_subject(self, scope: str, row: int) -> Bools:
        """Return which rows about sessions have the subject of one of them."""
        position = self.subjects(scope)
        same: Bools = position == position[row]
        return same

    def subjects(self, scope: str) -> Ints:
        """Return for each row the position of its subject in that table; -1: it has none."""
        kind = kind_of(scope)
        if kind is not SESSIONS:
            return np.arange(self.sources[kind.name, scope].length)
        rows = self.tables.rows
        return {"vip": rows.vip, "server": rows.server, "session": rows.session}[scope]

    def publish_rows(self, rows: Ints) -> str:
        """Make a view of row numbers and return its name."""
        self.tables.connection.register("_row_chosen", {"row": rows})
        return '"_row_chosen"'

    def with_one(self, kind: Kind, row: int | None = None) -> str:
        """Return what stands behind FROM for rows about sessions, each beside one host or capture.

        With `row` None beside all of them.
        """
        (own,) = kind.aliases
        view = f"_row_{kind.name}"
        if row is not None:
            view = "_row_one"
            one = self.sources[kind.name, own].gather(np.array([row], np.int64))
            names = {column.name for column in table_named(ALIASES[own]).columns}
            self.tables.publish(view, {f"{own}.": Published(ALIASES[own], one, names)})
        # Rows about sessions have a capture of their own: the one that is asked about takes its place.
        double = sorted(self.asked[own]) if own in SESSION_ALIASES else []
        left_out = ", ".join(f'"{own}.{column}"' for column in double)
        sessions = (
            f"(select * exclude ({left_out}) from {SESSIONS.view})" if double else SESSIONS.view
        )
        return f'{sessions} cross join (select * exclude "row" from "{view}")'


def make_rows(tables: Tables, rules: Iterable[Rule], copied: bool = True) -> RowTables:
    """Make the rows of an analysis known to its database; it may be done again for other rules.

    `copied` as :meth:`pcapdiag.facts.Tables.publish` has it: what is asked once needs no copy.
    """
    known = tuple(rules)
    asked, shown = facts_asked(known), facts_shown(known)
    named = tables.sources
    rows = tables.rows
    sources = {
        ("session", "session"): named["session"].gather(rows.session),
        ("session", "front"): named["record"].gather(rows.front),
        ("session", "back"): named["back"].gather(rows.back),
        ("session", "vip"): named["vip"].gather(rows.vip),
        ("session", "server"): named["server"].gather(rows.server),
        ("session", "capture"): named["capture"].gather(rows.capture),
        ("host", "host"): named["host"],
        ("capture", "capture"): named["capture"],
    }
    for kind in (SESSIONS, HOSTS, CAPTURES):
        beside = {
            f"{alias}.": Published(ALIASES[alias], sources[kind.name, alias], asked[alias])
            for alias in kind.aliases
        }
        tables.publish(f"_row_{kind.name}", beside, copied)
    return RowTables(
        tables,
        sources,
        {alias: frozenset(names) for alias, names in asked.items()},
        {alias: frozenset(names) for alias, names in shown.items()},
    )


_TOKEN = re.compile(rf"""('(?:[^']|'')*'|"(?:[^"]|"")*")|\b({"|".join(ALIASES)})\.([A-Za-z_]\w*)""")


def quoted(condition: str) -> str:
    """Return a condition with its facts as columns of the view: ``back.result`` as ``"back.result"``."""
    return _TOKEN.sub(lambda m: m[1] or f'"{m[2]}.{m[3]}"', condition)


def facts_asked(rules: Iterable[Rule]) -> dict[str, set[str]]:
    """Return the facts that conditions name, by alias."""
    used = {alias: set(columns) for alias, columns in ASKED.items()}
    for rule in rules:
        for text in rule.conditions().values():
            for alias, column in references(text):
                used[alias].add(column)
    return used


def facts_shown(rules: Iterable[Rule]) -> dict[str, set[str]]:
    """Return the facts that conditions, texts and evidence name, by alias."""
    used = facts_asked(rules)
    for alias, columns in SHOWN.items():
        used[alias] |= set(columns)
    for rule in rules:
        found = [pair for text in rule.texts().values() for pair in template_references(text)]
        for source in (*rule.evidence.frames, *rule.evidence.contrast):
            found += references(f"{source.frame} {source.file}")
        for alias, column in found:
            used[alias].add(column)
    return used


def _values(one: Source, alias: str, names: frozenset[str]) -> dict[str, Any]:
    """Return the values of the one row as Python values, None where unknown."""
    found: dict[str, Any] = {}
    for column in table_named(ALIASES[alias]).columns:
        if column.name not in names:
            continue
        value = one.column(column.name)[0]
        if column.type == "VARCHAR":
            found[column.name] = value or None
        elif column.type == "BOOLEAN":
            found[column.name] = None if value == -1 else bool(value)
        else:
            number = float(value) if column.type == "DOUBLE" else int(value)
            found[column.name] = None if number == -1 else number
    return found
