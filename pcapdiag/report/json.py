"""The report as JSON: the contract for scripts, one session a line.

Source: docs/design.md section 9 (keys and their order); RFC 8259.
"""

from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring_ascii as quoted
from math import isfinite
from typing import Any, Final

from pcapdiag.report.model import (
    Arrow,
    CaptureLine,
    Finding,
    Flow,
    FrameCitation,
    Limit,
    Picture,
    Report,
    SessionLine,
    TopologyView,
)

SCHEMA: Final = "pcapdiag.report/1"


def render(report: Report) -> str:
    r"""Return the report as ASCII JSON text, ending in a newline; all sessions, whatever is listed.

    Hidden and hostile characters are JSON escapes, so the text is safe on a terminal and yields the
    original when parsed; only lone surrogates (undecodable file names) come as ``\udcNN`` in words.
    """
    rows = ",\n  ".join(map(_session, report.sessions))
    parts: list[tuple[str, str]] = [
        ("schema", _text(SCHEMA)),
        ("tool", _value({"name": report.tool.get("name"), "version": report.tool.get("version")})),
        ("verdict", _value(vars(report.verdict))),
        ("captures", _rows(map(_capture, report.captures))),
        ("topology", _value(_topology(report.topology))),
        ("sessions", f"[\n  {rows}]" if rows else "[]"),
        ("findings", _rows(map(_finding, report.findings))),
        ("limits", _rows(map(_limit, report.limits))),
        ("not_judged", _rows({"rule": rule, "needs": needs} for rule, needs in report.not_judged)),
        ("pictures", _rows(map(_picture, report.pictures))),
    ]
    return "{" + ",\n ".join(f"{_text(name)}: {value}" for name, value in parts) + "}\n"


def _rows(values: Iterable[Mapping[str, Any]]) -> str:
    rows = ",\n  ".join(map(_value, values))
    return f"[\n  {rows}]" if rows else "[]"


def _text(text: str) -> str:
    if not text.isascii():
        text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return quoted(text)


def _value(value: Any) -> str:
    """Encode facts of any kind; what JSON has no word for (NaN, infinity) is null."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return float.__repr__(value) if isfinite(value) else "null"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(str(k))}: {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, set | frozenset):
        return "[" + ", ".join(sorted(map(_value, value))) + "]"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if hasattr(value, "item"):  # a numpy scalar
        return _value(value.item())
    return _text(str(value))


def _session(session: SessionLine) -> str:
    # Written by hand, not through _value: sessions are many, and this is five times faster.
    front = "null" if session.front is None else _flow(session.front)
    return (
        f'{{"id": {session.id}, "front": {front}, "backs": [{", ".join(map(_flow, session.backs))}], '
        f'"mode": {_text(session.mode)}, "outcome": {_text(session.outcome)}, '
        f'"rules": {_texts(session.rules)}, "confidence": {_value(session.confidence)}, '
        f'"matched_by": {_texts(session.matched_by)}}}'
    )


def _texts(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(_text, texts)) + "]"


def _flow(flow: Flow) -> str:
    source_mac, destination_mac = flow.macs
    return (
        f'{{"file": {_text(flow.file)}, '
        f'"source": {quoted(flow.source)}, "source_port": {flow.source_port}, '
        f'"destination": {quoted(flow.destination)}, "destination_port": {flow.destination_port}, '
        f'"first_frame": {flow.first_frame}, "last_frame": {flow.last_frame}, '
        f'"packets": [{flow.packets[0]}, {flow.packets[1]}], '
        f'"bytes": [{flow.bytes[0]}, {flow.bytes[1]}], '
        f'"handshake": {quoted(flow.handshake)}, "syn_count": {flow.syn_count}, '
        f'"close": {quoted(flow.close)}, "community_id": {quoted(flow.community_id)}, '
        f'"retransmissions": [{flow.retransmissions[0]}, {flow.retransmissions[1]}], '
        f'"rtt_ns": {"null" if flow.rtt_ns is None else flow.rtt_ns}, '
        f'"macs": [{"null" if source_mac is None else quoted(source_mac)}, '
        f"{'null' if destination_mac is None else quoted(destination_mac)}]}}"
    )


def _capture(line: CaptureLine) -> dict[str, Any]:
    parts = [
        {"file": part.file, "sha256": part.sha256, "first_frame": part.first_frame}
        for part in line.parts
    ]
    return {
        "file": line.file,
        "sha256": line.sha256,
        "format": line.format,
        "link_types": line.link_types,
        "packets": line.packets,
        "bytes": line.bytes,
        "first": line.first,
        "last": line.last,
        "snaplen": line.snaplen,
        "point": line.point,
        "clock_offset_ns": line.clock_offset_ns,
        **({"parts": parts, "woven": line.woven} if parts else {}),
    }


def _topology(topology: TopologyView) -> dict[str, Any]:
    def points(role: str) -> list[dict[str, Any]]:
        return [
            {"address": point.address, "port": point.port, "reason": point.reason}
            for point in getattr(topology, role)
        ]

    return {
        "vips": points("vips"),
        "balancers": [point.address for point in topology.balancers],
        "servers": points("servers"),
        "gateways": [{"mac": g.mac, "addresses": g.addresses} for g in topology.gateways],
        "clients": vars(topology.clients),
        "balancer_reasons": {point.address: point.reason for point in topology.balancers},
    }


def _frames(frames: Iterable[FrameCitation]) -> list[dict[str, Any]]:
    return [{"file": f.file, "number": f.number, "note": f.note} for f in frames]


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "scope": finding.scope,
        "subject": finding.subject,
        "title": finding.title,
        "summary": finding.summary,
        "means": finding.means,
        "certainty": finding.certainty,
        "sessions": finding.sessions,
        "affected": finding.affected,
        "of": finding.of,
        "frames": _frames(finding.frames),
        "facts": finding.facts,
        "excluded": [{"hypothesis": e.hypothesis, "why": e.why} for e in finding.excluded],
        "fix": [{"for": fix.product, "text": fix.text} for fix in finding.fix],
        "next_capture": [
            {"where": c.where, "command": c.command, "why": c.why} for c in finding.next_capture
        ],
        "wireshark_filter": finding.wireshark_filter,
        "references": finding.references,
    }


def _limit(limit: Limit) -> dict[str, Any]:
    return {"id": limit.id, "summary": limit.summary, "frames": _frames(limit.frames)}


def _picture(picture: Picture) -> dict[str, Any]:
    def arrow(arrow: Arrow) -> dict[str, Any]:
        return {
            "number": arrow.number,
            "source": arrow.source,
            "destination": arrow.destination,
            "label": arrow.label,
            "frame": arrow.frame,
            "offset_ns": arrow.offset_ns,
            "seen": arrow.seen,
            "note": arrow.note,
        }

    return {
        "title": picture.title,
        "session": picture.session,
        "works": picture.works,
        "actors": [
            {"name": actor.name, "role": actor.role, "addresses": actor.addresses}
            for actor in picture.actors
        ],
        "arrows": [arrow(each) for each in picture.arrows],
    }
