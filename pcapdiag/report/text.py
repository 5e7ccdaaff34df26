"""The report as plain text: at most 100 columns, no colour, survives being pasted into a ticket."""

from collections.abc import Iterable
from textwrap import wrap
from typing import Final

from pcapdiag.report import outline
from pcapdiag.report.ladder import ladder
from pcapdiag.report.model import Finding, FrameCitation, Report, SessionLine
from pcapdiag.report.words import (
    SEVERITY,
    number,
    paragraphs,
    period,
    product,
    safe,
    shorten,
    size,
)

WIDTH: Final = 100
MOST_FRAMES: Final = 12
MOST_SESSIONS: Final = 40
MOST_ADDRESSES: Final = 8

Lines = list[str]


def render(report: Report) -> str:
    """Return the report as lines of at most 100 characters, the verdict's sentence first."""
    lead = outline.leading(report)
    lines = _wrapped(report.verdict.sentence)
    lines += _standing(report)
    lines += _section("Who talks to whom", _pictures(report))
    if lead is not None:
        lines += _section("What happened", [*_wrapped(lead.title), "", *_story(report, lead)])
        lines += _section("Ruled out", _excluded(lead))
        lines += _section("What to do", _fixes(lead))
        lines += _section("Capture next", _captures_next(lead))
    found = "Also found" if lead is not None else "Found"
    lines += _section(found, _others(report))
    lines += _section("Limits of this capture", _limits(report))
    lines += _section("Who is who", _topology(report))
    lines += _section("Sessions", _sessions(report))
    lines += _section("Evidence for the ticket", _ticket(report))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _section(title: str, body: Lines) -> Lines:
    return ["", "", title.upper(), "-" * len(title), *body] if body else []


def _wrapped(text: str, indent: str = "", hanging: str | None = None) -> Lines:
    lines: Lines = []
    for paragraph in paragraphs(text):
        if lines:
            lines.append("")
        lines += wrap(
            paragraph,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent if hanging is None else hanging,
            break_on_hyphens=False,
        )
    return lines


def _standing(report: Report) -> Lines:
    found = outline.standing(report)
    if found is None:
        looked_at = outline.counted(report)
        return [f"{looked_at}."] if looked_at else []
    affected = f"Affected: {found.reach}. " if found.reach else ""
    head = f"{found.certainty.capitalize()}: {found.meaning}".strip()
    return [head, f"{affected}Rule: {found.rule}."]


def _pictures(report: Report) -> Lines:
    lines: Lines = []
    for picture in report.pictures:
        if lines:
            lines.append("")
        lines += _wrapped(picture.title)
        lines.append("")
        lines += [
            row.text for row in ladder(picture, WIDTH, most=outline.arrows_shown(report, picture))
        ]
    return lines


def _story(report: Report, finding: Finding, indent: str = "") -> Lines:
    texts = outline.told(report, finding)
    lines = [line for text in texts for line in ["", *_wrapped(text, indent)]][1:]
    lines += _evidence(report, finding.frames, indent)
    if finding.wireshark_filter:
        lines += ["", f"{indent}Wireshark filter:", f"{indent}  {safe(finding.wireshark_filter)}"]
    return lines


def _evidence(report: Report, cited: Iterable[FrameCitation], indent: str) -> Lines:
    some = outline.first(tuple(cited), MOST_FRAMES)
    lines: Lines = [""] if some.shown else []
    room = max((len(str(f.number)) for f in some.shown), default=0)
    for frame in some.shown:
        where = f" of {safe(frame.file, 60)}" if outline.several_files(report) else ""
        head = f"{indent}  frame {frame.number:>{room}}{where}  "
        lines += _hang(head, frame.note)
    return lines + _more(some.more, "frame", indent + "  ")


def _hang(head: str, text: str) -> Lines:
    lines = _wrapped(text, " " * len(head)) or [head]
    return [head + lines[0][len(head) :], *lines[1:]]


def _more(count: int, one: str, indent: str = "  ") -> Lines:
    return [f"{indent}and {number(count)} more {one}{'' if count == 1 else 's'}"] if count else []


def _excluded(finding: Finding, indent: str = "") -> Lines:
    lines: Lines = []
    for item in finding.excluded:
        lines += _hang(f"{indent}  x ", item.hypothesis)
        lines += _wrapped(item.why, f"{indent}    ")
    return lines


def _fixes(finding: Finding, indent: str = "") -> Lines:
    names = [product(fix.product) for fix in finding.fix]
    room = max(map(len, names), default=0)
    lines: Lines = []
    for name, fix in zip(names, finding.fix, strict=True):
        lines += _hang(f"{indent}  {name:{room}}  ", fix.text)
    # Addresses, filters and commands are never broken, however long: they are to be copied.
    return lines + [f"{indent}  see {safe(reference)}" for reference in finding.references]


def _captures_next(finding: Finding, indent: str = "") -> Lines:
    lines: Lines = []
    for step in finding.next_capture:
        where = " ".join(paragraphs(step.where))
        lines += _wrapped(f"{where}: {step.why}", f"{indent}  ")
        lines.append(f"{indent}    {safe(step.command)}")
    return lines


def _others(report: Report) -> Lines:
    return [line for f in outline.others(report) for line in ["", *_other(report, f)]][1:]


def _other(report: Report, finding: Finding) -> Lines:
    head = f"[{safe(finding.severity)}] "
    lines = _hang(head, finding.title)
    facts = (
        SEVERITY.get(finding.severity, ""),
        finding.certainty,
        outline.reach(finding),
        finding.rule,
    )
    lines.append("  " + ", ".join(safe(fact) for fact in facts if fact))
    lines += _story(report, finding, "  ")
    for title, body in (
        ("Ruled out:", _excluded(finding, "  ")),
        ("What to do:", _fixes(finding, "  ")),
        ("Capture next:", _captures_next(finding, "  ")),
    ):
        lines += ["", f"  {title}", *body] if body else []
    return lines


def _limits(report: Report) -> Lines:
    lines: Lines = []
    for limit in report.limits:
        lines += _hang(f"  {safe(limit.id, 40)}: ", limit.summary)
        lines += [line for line in _evidence(report, limit.frames, "    ") if line]
    if report.not_judged:
        lines += [""] if lines else []
        lines.append("  Rules that could not be judged, and what the capture would have to show:")
        for rule, needs in report.not_judged:
            lines += _hang(f"    {safe(rule, 60)}: ", needs)
    return lines


def _topology(report: Report) -> Lines:
    rows = outline.players(report, MOST_ADDRESSES)
    room = max((len(player.name) for player in rows), default=0)
    lines: Lines = []
    for player in rows:
        lines += _hang(f"  {player.role:11}  {player.name:{room}}  ", player.why)
    return lines


def _sessions(report: Report) -> Lines:
    some = outline.first(outline.listed(report), MOST_SESSIONS)
    if not some.shown:
        return []
    head = ("id", "client", "virtual service", "real server", "mode", "outcome", "frames")
    rows = [head, *(_session(session) for session in some.shown)]
    rooms = [min(24, max(len(row[i]) for row in rows)) for i in range(len(head))]
    lines = []
    for row in rows:
        cells = (f"{shorten(cell, room):{room}}" for cell, room in zip(row, rooms, strict=True))
        lines.append(shorten("  " + "  ".join(cells), WIDTH))
    lines += _more(some.more, "session")
    quiet = outline.unlisted(report, some)
    return [*lines, f"  {quiet}"] if quiet else lines


def _session(session: SessionLine) -> tuple[str, ...]:
    words = safe(session.mode, 20), safe(session.outcome, 20), outline.frames(session)
    return (str(session.id), *outline.ends(session), *words)


def _ticket(report: Report) -> Lines:
    lines: Lines = []
    for capture in report.captures:
        if lines:
            lines.append("")
        point = (
            f"taken at the {safe(capture.point, 20)}"
            if capture.point
            else "capture point not known"
        )
        links = ", ".join(safe(link, 40) for link in capture.link_types)
        lines += [
            f"  file     {shorten(safe(capture.file), WIDTH - 11)}",
            f"  sha256   {safe(capture.sha256, 64)}",
            f"  format   {safe(capture.format, 40)}, {links}; {point}",
            f"  packets  {number(capture.packets)} ({size(capture.bytes)} on the wire)",
            f"  time     {period(capture.first, capture.last)}",
        ]
        merging = outline.merging(capture)
        if merging:
            told = f"numbered in drawings and sessions as by {safe(merging)}"
            lines += _wrapped(told, "  frames   ", " " * 11)
    tool = report.tool
    if lines and tool:
        lines += ["", f"  {safe(tool.get('name', ''), 40)} {safe(tool.get('version', ''), 40)}"]
    return lines
