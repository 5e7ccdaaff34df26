"""The report as GitHub-flavoured Markdown: tables, and the ladder as fenced text.

Escapes: CommonMark 0.31 2.4 (backslash escapes) and the GFM autolink extension.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from pcapdiag.report import outline
from pcapdiag.report.ladder import ladder
from pcapdiag.report.model import Finding, FrameCitation, Report
from pcapdiag.report.words import (
    SEVERITY,
    number,
    paragraphs,
    period,
    product,
    safe,
    size,
    spans,
)

LADDER_WIDTH: Final = 100
MOST_FRAMES: Final = 20
MOST_SESSIONS: Final = 40
MOST_ADDRESSES: Final = 12

_SPECIAL: Final = re.compile(r"[\\`*\[\]<>|~$&]|(?<![^\W_])_|_(?![^\W_])")
_AUTOLINK: Final = re.compile(r"(?<=[A-Za-z])(?=://)|(?<=www)(?=\.)", re.IGNORECASE)
_BLOCK_START: Final = re.compile(r"^ ?(?:\d+(?=[.)](?:\s|$))|(?=[-+=#]))")
_INDENT: Final = re.compile(r"^ +")
_LINK: Final = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'*+,;=%-]+")

Lines = list[str]


def render(report: Report) -> str:
    """Return the report as Markdown, the verdict's sentence as its heading."""
    lead = outline.leading(report)
    blocks = [f"# {escaped(report.verdict.sentence)}", _standing(report)]
    blocks += _section("Who talks to whom", _pictures(report))
    if lead is not None:
        blocks += _section("What happened", [f"**{escaped(lead.title)}**", *_story(report, lead)])
        blocks += _section("Ruled out", [_excluded(lead)])
        blocks += _section("What to do", _fixes(lead))
        blocks += _section("Capture next", _captures_next(lead))
    found = "Also found" if lead is not None else "Found"
    blocks += _section(
        found, [block for f in outline.others(report) for block in _other(report, f)]
    )
    blocks += _section("Limits of this capture", _limits(report))
    blocks += _section("Who is who", _topology(report))
    blocks += _section("Sessions", _sessions(report))
    blocks += _section("Evidence for the ticket", _ticket(report))
    return "\n\n".join(block for block in blocks if block) + "\n"


def escaped(text: object) -> str:
    """Escape one line so that Markdown shows it as it is: no markup, link, table cell or HTML."""
    line = _SPECIAL.sub(r"\\\g<0>", safe(text))
    line = _AUTOLINK.sub(r"\\", line)
    # Nobody sees the spaces before a paragraph, but four make it a block of code.
    line = _INDENT.sub(" ", line)
    return _BLOCK_START.sub(r"\g<0>\\", line)


def code(text: object, *, cell: bool = False) -> str:
    """Return a code span; in a table `cell`, pipes are escaped, as GFM wants even inside code."""
    line = safe(text).strip() or " "
    if cell:
        line = line.replace("|", "\\|")
    runs = [len(run) for run in re.findall("`+", line)]
    fence = "`" * (max(runs, default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _prose(text: str) -> str:
    """Return a rule's text on one line, its `code` kept as code spans."""
    line = " ".join(paragraphs(text))
    return "".join(code(part) if is_code else escaped(part) for is_code, part in spans(line))


def _cell(text: str) -> str:
    line = " ".join(paragraphs(text))
    return "".join(
        code(part, cell=True) if is_code else escaped(part) for is_code, part in spans(line)
    )


def _fenced(lines: Iterable[str], language: str = "text") -> str:
    body = "\n".join(lines)
    runs = [len(run) for run in re.findall("`+", body)]
    fence = "`" * max(3, max(runs, default=0) + 1)
    return f"{fence}{language}\n{body}\n{fence}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], right: str = "") -> str:
    """Return a table of escaped cells; `right` holds an r for each right-aligned column."""
    marks = ["---:" if right[i : i + 1] == "r" else "---" for i in range(len(head))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, marks, *rows))


def _section(title: str, blocks: Lines) -> Lines:
    body = [block for block in blocks if block]
    return [f"## {title}", *body] if body else []


def _standing(report: Report) -> str:
    found = outline.standing(report)
    if found is None:
        looked_at = outline.counted(report)
        return f"{looked_at}." if looked_at else ""
    parts = [f"**{escaped(found.certainty.capitalize())}.** {found.meaning}".strip()]
    if found.reach:
        parts.append(f"Affected: {escaped(found.reach)}.")
    return " ".join([*parts, f"Rule: {code(found.rule)}."])


def _pictures(report: Report) -> Lines:
    blocks: Lines = []
    for picture in report.pictures:
        mark = "\u2705" if picture.works else "\u274c"
        blocks += [f"{mark} **{escaped(picture.title)}**"]
        rows = ladder(picture, LADDER_WIDTH, most=outline.arrows_shown(report, picture))
        blocks += [_fenced(row.text for row in rows)]
    return blocks


def _story(report: Report, finding: Finding) -> Lines:
    blocks = [_prose(line) for text in outline.told(report, finding) for line in paragraphs(text)]
    blocks.append(_evidence(report, finding.frames))
    if finding.wireshark_filter:
        blocks += ["Wireshark filter:", _fenced([safe(finding.wireshark_filter)])]
    return blocks


def _evidence(report: Report, cited: Sequence[FrameCitation]) -> str:
    some = outline.first(cited, MOST_FRAMES)
    if not some.shown:
        return ""
    more = _more(some.more, "frame")
    if outline.several_files(report):
        rows = [[str(f.number), code(f.file, cell=True), _cell(f.note)] for f in some.shown]
        return _table(("Frame", "File", "What it shows"), rows, "r") + more
    rows = [[str(f.number), _cell(f.note)] for f in some.shown]
    return _table(("Frame", "What it shows"), rows, "r") + more


def _more(count: int, one: str) -> str:
    return f"\n\n... and {number(count)} more {one}{'' if count == 1 else 's'}." if count else ""


def _excluded(finding: Finding) -> str:
    return "\n".join(
        f"- ~~{_prose(item.hypothesis)}~~ {_prose(item.why)}" for item in finding.excluded
    )


def _fixes(finding: Finding) -> Lines:
    rows = [[f"**{escaped(product(fix.product))}**", _cell(fix.text)] for fix in finding.fix]
    blocks = [_table(("For", "Change"), rows)] if rows else []
    if finding.references:
        blocks.append("See " + ", ".join(_reference(each) for each in finding.references) + ".")
    return blocks


def _reference(text: str) -> str:
    # Only what is a plain web address becomes a link; anything else stays text.
    return f"<{text}>" if _LINK.fullmatch(text) else escaped(text)


def _captures_next(finding: Finding) -> Lines:
    blocks: Lines = []
    for step in finding.next_capture:
        blocks.append(f"**{escaped(step.where)}**: {_prose(step.why)}")
        blocks.append(_fenced([safe(step.command)], "sh"))
    return blocks


def _other(report: Report, finding: Finding) -> Lines:
    facts = (SEVERITY.get(finding.severity, ""), finding.certainty, outline.reach(finding))
    known = ", ".join(escaped(fact) for fact in facts if fact)
    blocks = [f"### {escaped(finding.title)}", f"{known}; rule {code(finding.rule)}"]
    blocks += _story(report, finding)
    for title, body in (
        ("Ruled out:", [_excluded(finding)] if finding.excluded else []),
        ("What to do:", _fixes(finding)),
        ("Capture next:", _captures_next(finding)),
    ):
        blocks += [title, *body] if body else []
    return blocks


def _limits(report: Report) -> Lines:
    lines: Lines = []
    for limit in report.limits:
        some = outline.first(limit.frames, MOST_FRAMES)
        cited = ", ".join(str(frame.number) for frame in some.shown)
        where = f" (frame{'' if len(some.shown) == 1 else 's'} {cited})" if cited else ""
        lines.append(f"- {code(limit.id)}: {_prose(limit.summary)}{where}")
    blocks = ["\n".join(lines)]
    if report.not_judged:
        rows = [[code(rule, cell=True), _cell(needs)] for rule, needs in report.not_judged]
        blocks += ["Not judged, for want of frames:", _table(("Rule", "Would need"), rows)]
    return blocks


def _topology(report: Report) -> Lines:
    rows = [
        [
            player.role,
            code(player.name, cell=True) if player.is_address else player.name,
            _cell(player.why),
        ]
        for player in outline.players(report, MOST_ADDRESSES)
    ]
    return [_table(("Role", "Address", "Why"), rows)] if rows else []


def _sessions(report: Report) -> Lines:
    some = outline.first(outline.listed(report), MOST_SESSIONS)
    if not some.shown:
        return []
    rows = []
    for session in some.shown:
        cells = [code(cell, cell=True) for cell in outline.ends(session)]
        words = (escaped(session.mode), escaped(session.outcome), outline.frames(session))
        rows.append([str(session.id), *cells, *words])
    head = ("Session", "Client", "Virtual service", "Real server", "Mode", "Outcome", "Frames")
    quiet = outline.unlisted(report, some)
    beside = f"{quiet.capitalize()}." if quiet else ""
    return [_table(head, rows, "r") + _more(some.more, "session"), beside]


def _ticket(report: Report) -> Lines:
    rows = []
    for capture in report.captures:
        kind = ", ".join([capture.format, *capture.link_types])
        rows.append(
            [
                code(capture.file, cell=True),
                escaped(kind),
                f"{number(capture.packets)} ({size(capture.bytes)})",
                escaped(period(capture.first, capture.last)),
                escaped(capture.point or "not known"),
                code(capture.sha256, cell=True),
            ]
        )
    if not rows:
        return []
    head = ("File", "Format", "Packets", "Time", "Taken at", "SHA-256")
    tool = " ".join(report.tool[key] for key in ("name", "version") if key in report.tool)
    merging = [
        f"Frames in drawings and sessions are numbered as by {code(command)}."
        for command in map(outline.merging, report.captures)
        if command
    ]
    return [_table(head, rows), *merging, escaped(tool)]
