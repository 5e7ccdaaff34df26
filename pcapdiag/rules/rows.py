"""The rows that conditions are asked about: what one session, host or capture shows, side by side.

Each alias of :mod:`pcapdiag.rules.model` is one column that holds a row of its table as a STRUCT, with
the facts that some rule names; so a condition is evaluated as it is written.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pcapdiag.facts import Tables, select
from pcapdiag.rules.load import references, template_references
from pcapdiag.rules.model import ALIASES, SESSION_ALIASES, Rule

ALWAYS = {
    "session": ("id", "file", "front", "client", "vip", "vip_port", "health_check", "outcome", "mode"),
    "front": (
        "record", "file", "source", "source_port", "destination", "destination_port",
        "next_mac_to_responder",
    ),
    "back": (
        "record", "session", "position", "file", "source", "source_port", "destination", "destination_port",
        "next_mac_to_responder",
    ),
    "vip": ("address", "port"),
    "server": ("address", "port"),
    "capture": ("file", "number"),
    "host": ("address",),
}  # fmt: skip
"""Facts that findings need whatever the rules name."""

SUBJECTS = {
    "session": ("session.id", "null"),
    "vip": ("session.vip", "session.vip_port"),
    "server": ("server.address", "server.port"),
    "host": ("host.address", "null"),
    "capture": ("capture.file", "null"),
}
"""What makes rows belong to the same finding, by scope."""

_SESSIONS = """
from ({session}) session
left join ({front}) front on front.record = session.front
left join _attempt attempt on attempt.session = session.id
left join ({back}) back on back.record = attempt.record and back.session = session.id
left join ({vip}) vip on vip.address = session.vip and vip.port = session.vip_port
left join ({server}) server on server.address = attempt.server and server.port = attempt.server_port
left join ({capture}) capture on capture.file = session.file
"""


@dataclass(frozen=True)
class Source:
    """Where the rows of a scope are."""

    table: str
    aliases: tuple[str, ...]


SESSION_ROWS = Source("_session_rows", SESSION_ALIASES)
HOST_ROWS = Source("_host_rows", ("host",))
CAPTURE_ROWS = Source("_capture_rows", ("capture",))


def source_of(scope: str) -> Source:
    """Return the rows that rules of a scope are asked about."""
    return {"host": HOST_ROWS, "capture": CAPTURE_ROWS}.get(scope, SESSION_ROWS)


def facts_named(rules: Iterable[Rule]) -> dict[str, set[str]]:
    """Return the facts that rules name, by alias, and those that findings always need."""
    used = {alias: set(columns) for alias, columns in ALWAYS.items()}
    for rule in rules:
        found = [pair for text in rule.conditions().values() for pair in references(text)]
        found += [pair for text in rule.texts().values() for pair in template_references(text)]
        for source in (*rule.evidence.frames, *rule.evidence.contrast):
            pairs = references(f"{source.frame} {source.file}")
            found += pairs
            found += [
                (alias, "file") for alias, _ in pairs if alias in ("front", "back", "session")
            ]
            if source.events:
                found.append((source.events, "file"))
        for alias, column in found:
            used[alias].add(column)
    return used


def make_rows(tables: Tables, rules: Iterable[Rule]) -> None:
    """Make the row tables of an analysis; the same analysis may be evaluated again."""
    used = facts_named(rules)
    narrow = {alias: select(table, used[alias]) for alias, table in ALIASES.items()}
    rows = {
        SESSION_ROWS: (_SESSIONS.format(**narrow), "session.id, back.position"),
        HOST_ROWS: (f"from ({narrow['host']}) host", "host.address"),
        CAPTURE_ROWS: (f"from ({narrow['capture']}) capture", "capture.number"),
    }
    for source, (from_, order) in rows.items():
        structs = ", ".join(_struct(alias, used[alias]) for alias in source.aliases)
        tables.connection.execute(
            f"create or replace temp table {source.table} as "
            f"select row_number() over (order by {order}) as row, {structs} {from_}"
        )


def _struct(alias: str, columns: set[str]) -> str:
    fields = ", ".join(f'"{column}" := {alias}."{column}"' for column in sorted(columns))
    return f"struct_pack({fields}) as {alias}"
