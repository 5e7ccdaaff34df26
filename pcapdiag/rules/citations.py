"""The frames that a finding cites, those for comparison among them, and the filter that shows them."""

from collections.abc import Iterable
from typing import Any

from pcapdiag.report.model import FrameCitation
from pcapdiag.report.words import connection_filter
from pcapdiag.rules.model import Evidence, FrameSource
from pcapdiag.rules.rows import SESSIONS, RowTables, quoted
from pcapdiag.rules.words import render

MOST_FRAMES = 12
"""Frames that one finding cites."""

Context = dict[str, Any]
"""Facts of one row by alias, and the names of :data:`pcapdiag.rules.model.NAMES`."""


def citations(
    rows: RowTables, sources: Iterable[FrameSource], context: Context
) -> list[FrameCitation]:
    """Return the frames that the sources name, each with its note; those that are not seen are left out."""
    found: list[FrameCitation] = []
    for source in sources:
        cited = _events(rows, source, context) if source.events else _column(source, context)
        if cited:
            note = render(source.note, context)
            found += [FrameCitation(file, number, note) for file, number in cited]
    return found


def contrast(
    rows: RowTables, evidence: Evidence, context: Context, seconds: float
) -> list[FrameCitation]:
    """Return frames of a session that shows the opposite, best with the same server."""
    if not evidence.contrast_when:
        return []
    server, vip = context["server"] or {}, context["session"] or {}
    found = rows.tables.ask(
        f"select row from {SESSIONS.view} where ({quoted(evidence.contrast_when)}) is true "
        'order by ("server.address" is not distinct from ?) desc, '
        '("session.vip" is not distinct from ?) desc, row limit 1',
        [server.get("address"), vip.get("vip")],
        seconds,
    ).rows
    if not found:
        return []
    row = found[0][0]
    holds = rows.tables.ask(
        f"select {', '.join(f'({quoted(f.when) or True}) is true' for f in evidence.contrast)} "
        f"from {SESSIONS.view} where row = ?",
        [row],
        seconds,
    ).rows[0]
    wanted = [frame for frame, true in zip(evidence.contrast, holds, strict=True) if true]
    return citations(rows, wanted, context | rows.facts(SESSIONS, row))


def _events(rows: RowTables, source: FrameSource, context: Context) -> list[tuple[str, int]]:
    leg = context.get(source.events) or {}
    if leg.get("record") is None:
        return []
    frames = rows.tables.frames_of_events(
        leg["record"], source.kind, source.direction, source.limit
    )
    return [(leg["file"], frame) for frame in frames]


def _column(source: FrameSource, context: Context) -> list[tuple[str, int]]:
    number = _lookup(source.frame, context)
    file = _lookup(source.file or f"{source.frame.partition('.')[0]}.file", context)
    return [] if number is None or file is None else [(str(file), int(number))]


def _lookup(path: str, context: Context) -> Any:
    alias, _, column = path.partition(".")
    return (context.get(alias) or {}).get(column)


def each_once(frames: list[FrameCitation]) -> tuple[FrameCitation, ...]:
    """Return each frame once, in the order of file and number, with its first note; at most MOST_FRAMES."""
    first = {(frame.file, frame.number): frame for frame in reversed(frames)}
    kept = [f for f in frames if first[f.file, f.number] is f][:MOST_FRAMES]
    return tuple(sorted(kept, key=lambda frame: (frame.file, frame.number)))


def display_filter(facts: Context) -> str:
    """Return a Wireshark filter for the legs of one row, with the servers' ARP; empty: no session."""
    parts = []
    for alias in ("front", "back"):
        leg = facts.get(alias)
        if leg and leg.get("source") is not None:
            ends = (leg["source"], leg["source_port"], leg["destination"], leg["destination_port"])
            text = f"({connection_filter(*ends)})"
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
