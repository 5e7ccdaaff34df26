"""The report as plain text: at most 100 columns, no colour, survives being pasted into a ticket."""

from collections.abc import Iterable
from textwrap import wrap
from typing import Final

from pcapdiag.report.ladder import ladder
from pcapdiag.report.model import EndPoint, Finding, FrameCitation, Report, SessionLine
from pcapdiag.report.outline import (
    arrows_shown,
    ends,
    first,
    frames,
    leading,
    listed,
    others,
    reach,
    several_files,
    told,
)
from pcapdiag.report.words import (
    CERTAINTY,
    SEVERITY,
    end_point,
    number,
    paragraphs,
    period,
    plural,
    product,
    safe,
    shorten,
    size,
)

WIDTH: Final = 100
MOST_FRAMES: Final = 12
MOST_SESSIONS: Final = 40
MOST_ADDRESSES: Final = 8
GROUP: Final = ","

Lines = list[str]


def render(report: Report) -> str:
    """Return the report as lines of at most 100 characters, the verdict's sentence first."""
    lead = leading(report)
    lines = _wrapped(report.verdict.sentence)
    lines += _standing(report, lead)
    lines += _section("Who talks to whom", _pictures(report))
    if lead is not None:
        lines += _section("What happened", [*_wrapped(lead.title), "", *_story(report, lead)])
        lines += _section("Ruled out", _excluded(lead))
        lines += _section("What to do", _fixes(lead))
        lines += _section("Capture next", _captures_next(lead))
    found = "Also found" if lead is not None else "Found"
    lines += _section(found, [line for f in others(report) for line in _other(report, f)])
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


def _standing(report: Report, lead: Finding | None) -> Lines:
    verdict = report.verdict
    if lead is None:
        return [] if not report.sessions else [_count(report)]
    certainty = verdict.certainty or lead.certainty
    affected = reach(lead, GROUP)
    head = f"{certainty.capitalize()}: {CERTAINTY.get(certainty, '')}".strip()
    return [
        head,
        f"Affected: {affected}. Rule: {safe(lead.rule)}."
        if affected
        else f"Rule: {safe(lead.rule)}.",
    ]


def _count(report: Report) -> str:
    sessions = plural(len(report.sessions), "session", group=GROUP)
    return f"{sessions} in {plural(len(report.captures), 'capture')}."


def _pictures(report: Report) -> Lines:
    lines: Lines = []
    for picture in report.pictures:
        if lines:
            lines.append("")
        lines += _wrapped(picture.title)
        lines.append("")
        lines += [row.text for row in ladder(picture, WIDTH, most=arrows_shown(report, picture))]
    return lines


def _story(report: Report, finding: Finding, indent: str = "") -> Lines:
    texts = told(report, finding)
    lines = [line for text in texts for line in ["", *_wrapped(text, indent)]][1:]
    lines += _evidence(report, finding.frames, indent)
    if finding.wireshark_filter:
        lines += ["", f"{indent}Wireshark filter:", f"{indent}  {safe(finding.wireshark_filter)}"]
    return lines


def _evidence(report: Report, cited: Iterable[FrameCitation], indent: str) -> Lines:
    some = first(tuple(cited), MOST_FRAMES)
    lines: Lines = [""] if some.shown else []
    room = max((len(str(f.number)) for f in some.shown), default=0)
    for frame in some.shown:
        where = f" of {safe(frame.file, 60)}" if several_files(report) else ""
        head = f"{indent}  frame {frame.number:>{room}}{where}  "
        lines += _hang(head, frame.note)
    return lines + _more(some.more, "frame", indent + "  ")


def _hang(head: str, text: str) -> Lines:
    lines = _wrapped(text, " " * len(head)) or [head]
    return [head + lines[0][len(head) :], *lines[1:]]


def _more(count: int, one: str, indent: str = "  ") -> Lines:
    return (
        [f"{indent}and {number(count, GROUP)} more {one}{'' if count == 1 else 's'}"]
        if count
        else []
    )


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


def _other(report: Report, finding: Finding) -> Lines:
    head = f"[{safe(finding.severity)}] "
    lines = _hang(head, finding.title)
    facts = (
        SEVERITY.get(finding.severity, ""),
        finding.certainty,
        reach(finding, GROUP),
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
    return [*lines, ""]


def _limits(report: Report) -> Lines:
    lines: Lines = []
    for limit in report.limits:
        lines += _hang(f"  {safe(limit.id, 40)}: ", limit.summary)
        lines += [line for line in _evidence(report, limit.frames, "    ") if line]
    if report.not_judged:
        lines += (
            ["", "  Rules that could not be judged, and what the capture would have to show:"]
            if lines
            else ["  Rules that could not be judged, and what the capture would have to show:"]
        )
        for rule, needs in report.not_judged:
            lines += _hang(f"    {safe(rule, 60)}: ", needs)
    return lines


def _topology(report: Report) -> Lines:
    topology = report.topology
    rows: list[tuple[str, str, str]] = []

    def add(role: str, points: tuple[EndPoint, ...]) -> None:
        some = first(points, MOST_ADDRESSES)
        rows.extend((role, end_point(p.address, p.port), p.reason) for p in some.shown)
        if some.more:
            rows.append((role, f"and {number(some.more, GROUP)} more", ""))

    add("VIP", topology.vips)
    add("balancer", topology.balancers)
    add("real server", topology.servers)
    some = first(topology.gateways, MOST_ADDRESSES)
    for gateway in some.shown:
        known = ", ".join(safe(a, 60) for a in gateway.addresses[:4]) or "address not seen"
        rows.append(("gateway", safe(gateway.mac, 20), known))
    if some.more:
        rows.append(("gateway", f"and {number(some.more, GROUP)} more", ""))
    room = max((len(address) for _, address, _ in rows), default=0)
    lines: Lines = []
    for role, address, reason in rows:
        lines += _hang(f"  {role:11}  {address:{room}}  ", reason)
    clients = topology.clients
    if clients.total:
        lines.append(
            f"  clients      {number(clients.total, GROUP)}: {number(clients.on_link, GROUP)} on-link, "
            f"{number(clients.routed, GROUP)} routed"
        )
    return lines


def _sessions(report: Report) -> Lines:
    some = first(listed(report), MOST_SESSIONS)
    if not some.shown:
        return []
    head = ("id", "client", "virtual service", "real server", "mode", "outcome", "frames")
    rows = [head, *(_session(session) for session in some.shown)]
    rooms = [min(24, max(len(row[i]) for row in rows)) for i in range(len(head))]
    lines = []
    for row in rows:
        cells = (f"{shorten(cell, room):{room}}" for cell, room in zip(row, rooms, strict=True))
        lines.append(shorten("  " + "  ".join(cells), WIDTH))
    rest = len(report.sessions) - len(some.shown) - some.more
    lines += _more(some.more, "session")
    if rest:
        lines.append(f"  not listed: {plural(rest, 'session', group=GROUP)} without trouble")
    return lines


def _session(session: SessionLine) -> tuple[str, ...]:
    words = safe(session.mode, 20), safe(session.outcome, 20), frames(session)
    return (str(session.id), *ends(session), *words)


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
            f"  packets  {number(capture.packets, GROUP)} ({size(capture.bytes)} on the wire)",
            f"  time     {period(capture.first, capture.last)}",
        ]
    tool = report.tool
    if lines and tool:
        lines += ["", f"  {safe(tool.get('name', ''), 40)} {safe(tool.get('version', ''), 40)}"]
    return lines
