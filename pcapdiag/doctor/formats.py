"""Diagnoses as text and as JSON: functions of the values alone."""

import json
from collections.abc import Callable, Sequence
from pathlib import PurePath
from textwrap import wrap
from typing import Any, Final

from pcapdiag.doctor.model import Complaint, Diagnosis
from pcapdiag.layers import link_types
from pcapdiag.read import Interface
from pcapdiag.report.assemble import timestamp
from pcapdiag.report.words import number, period, plural, safe, size

SCHEMA: Final = "pcapdiag.doctor/1"
WIDTH: Final = 100
MOST_INTERFACES: Final = 20
"""Shown in text, and files of a ring buffer; JSON has all."""


def text(diagnoses: Sequence[Diagnosis]) -> str:
    """Return a paragraph a file, what is wrong first."""
    return "\n\n".join("\n".join(_lines(each)) for each in diagnoses) + "\n"


def _lines(diagnosis: Diagnosis) -> list[str]:
    account = diagnosis.account
    wrong = [each for each in diagnosis.complaints if each.wrong]
    notes = [each for each in diagnosis.complaints if not each.wrong]
    verdict = plural(len(wrong), "thing is wrong", "things are wrong") if wrong else "nothing wrong"
    lines = [f"{safe(PurePath(diagnosis.name).name)}: {verdict}", ""]
    kind = [account.format, account.version, account.variant, account.byte_order]
    lines += _row("format", ", ".join(safe(word, 60) for word in kind if word))
    if diagnosis.size >= 0:
        lines += _row("size", size(diagnosis.size))
    lines += _row("sha256", account.sha256)
    for part in account.parts[:MOST_INTERFACES]:
        name = safe(PurePath(part.name).name)
        lines += _row("file", f"{name}, from frame {number(part.frames + 1)} on")
    for interface in diagnosis.interfaces[:MOST_INTERFACES]:
        lines += _row("interface", _interface(interface))
    if len(diagnosis.interfaces) > MOST_INTERFACES:
        lines += _row("", f"and {number(len(diagnosis.interfaces) - MOST_INTERFACES)} more")
    lines += _row("packets", f"{number(account.packets)} ({size(account.bytes)} on the wire)")
    lines += _row("time", period(timestamp(account.first_ns), timestamp(account.last_ns)))
    lines += _row("order", _order(diagnosis))
    lines += _row("lost", "not told" if account.drops < 0 else number(account.drops))
    if account.blocks:
        lines += _row("blocks", ", ".join(f"{n} {name}" for name, n in account.blocks.items()))
    flows = plural(diagnosis.flows, "TCP connection")
    lines += _row("decoded", "; ".join([flows, *_without_tcp(diagnosis)]))
    for title, some in (("WRONG", wrong), ("TO KNOW", notes)):
        if some:
            lines += ["", title]
            lines += [line for each in some for line in _complaint(each)]
    if diagnosis.limits:
        lines += ["", "AN ANALYSIS WOULD SAY"]
        for limit in diagnosis.limits:
            lines += _wrapped(f"{limit.id}: {safe(limit.summary)}", "  ", "    ")
    return lines


def _row(name: str, value: str) -> list[str]:
    return _wrapped(value, f"  {name:11}", " " * 13)


def _wrapped(value: str, first: str, rest: str) -> list[str]:
    return wrap(value, WIDTH, initial_indent=first, subsequent_indent=rest) or [first.rstrip()]


def _interface(interface: Interface) -> str:
    link = link_types.NAMES.get(interface.link_type, f"link type {interface.link_type}")
    snaplen = f"snaplen {interface.snaplen}" if interface.snaplen else "whole packets"
    fcs = f"{interface.fcs_bits} bits of check sequence" if interface.fcs_bits > 0 else ""
    name = safe(interface.name or interface.description, 60)
    return ", ".join(word for word in (name, link, snaplen, fcs) if word)


def _order(diagnosis: Diagnosis) -> str:
    account = diagnosis.account
    if account.packets < 2:
        return "-"
    backwards = f"{number(account.backwards)} backwards" if account.backwards else "strict"
    return f"{backwards}, {number(account.equal_times)} with the time of the one before"


def _without_tcp(diagnosis: Diagnosis) -> list[str]:
    return [f"{plural(n, 'packet')} {safe(why, 60)}" for why, n in diagnosis.undecoded.items()]


def _complaint(complaint: Complaint) -> list[str]:
    where = []
    if complaint.offset >= 0:
        where.append(f"offset {complaint.offset}")
    if complaint.frame >= 0:
        where.append(f"frame {complaint.frame}")
    place = f" ({', '.join(where)})" if where else ""
    lines = _wrapped(f"{safe(complaint.what)}{place}", "  ", "  ")
    return lines + (_wrapped(safe(complaint.now), "    ", "    ") if complaint.now else [])


def as_json(diagnoses: Sequence[Diagnosis]) -> str:
    """Return one JSON object; times RFC 3339, what is not known null."""
    return (
        json.dumps({"schema": SCHEMA, "files": [_file(each) for each in diagnoses]}, indent=1)
        + "\n"
    )


def _file(diagnosis: Diagnosis) -> dict[str, Any]:
    account = diagnosis.account
    return {
        "file": safe(PurePath(diagnosis.name).name),
        "wrong": diagnosis.wrong,
        "size": _known(diagnosis.size),
        "sha256": account.sha256,
        "format": account.format,
        "variant": account.variant or None,
        "version": account.version or None,
        "byte_order": account.byte_order or None,
        "interfaces": [
            {
                "link_type": each.link_type,
                "snaplen": each.snaplen or None,
                "name": safe(each.name) or None,
                "description": safe(each.description) or None,
                "filter": safe(each.filter) or None,
                "fcs_bits": _known(each.fcs_bits),
            }
            for each in diagnosis.interfaces
        ],
        "parts": [
            {
                "file": safe(PurePath(part.name).name),
                "sha256": part.sha256,
                "first_frame": part.frames + 1,
            }
            for part in account.parts
        ],
        "blocks": account.blocks,
        "packets": account.packets,
        "bytes": account.bytes,
        "first": timestamp(account.first_ns),
        "last": timestamp(account.last_ns),
        "backwards": account.backwards,
        "backwards_ns": account.backwards_ns,
        "equal_times": account.equal_times,
        "untimed": account.untimed,
        "longest_gap_ns": account.gap_ns,
        "cut_packets": account.cut_packets,
        "drops": _known(account.drops),
        "flows": diagnosis.flows,
        "undecoded": diagnosis.undecoded,
        "complaints": [
            {
                "what": safe(each.what),
                "now": each.now or None,
                "wrong": each.wrong,
                "offset": _known(each.offset),
                "frame": _known(each.frame),
            }
            for each in diagnosis.complaints
        ],
        "limits": [{"id": each.id, "summary": safe(each.summary)} for each in diagnosis.limits],
    }


def _known(value: int) -> int | None:
    return None if value < 0 else value


FORMATS: Final[dict[str, Callable[[Sequence[Diagnosis]], str]]] = {"text": text, "json": as_json}
"""Name -> function of the diagnoses."""
