"""The report on a terminal: rich text that also reads well on 80 columns and without colour."""

from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING, Final

from pcapdiag.report import outline
from pcapdiag.report.ladder import ASCII, BOXES, Row, ladder
from pcapdiag.report.model import Finding, FrameCitation, Picture, Report
from pcapdiag.report.rich_text import heading, one_line, prose, spaced, styled, subheading, table
from pcapdiag.report.words import (
    SEVERITY,
    period,
    plural,
    product,
    safe,
    size,
)

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.table import Table
    from rich.text import Text

MOST_FRAMES: Final = 12
MOST_SESSIONS: Final = 20
MOST_ADDRESSES: Final = 8
MOST_COLUMNS: Final = 110

_COLOURS: Final = {"good": "green", "bad": "red", "warn": "yellow", "open": "cyan"}
_OUTCOMES: Final = {"ok": "green", "failed": "red", "degraded": "yellow"}
_LADDER: Final = {"head": "bold", "missing": "red", "note": "dim", "key": "dim", "life": "dim"}


def render(report: Report) -> str:
    """Return what a terminal of 80 columns without colour would show."""
    from rich.console import Console

    console = Console(file=StringIO(), width=80, color_system=None, legacy_windows=False)
    show(report, console)
    stream = console.file
    assert isinstance(stream, StringIO)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def show(report: Report, console: "Console | None" = None) -> None:
    """Print the report on a console; without one on standard output."""
    from rich.console import Console

    # Uncropped: commands and filters run over the edge rather than be cut or broken.
    (console or Console()).print(_Renderable(report), highlight=False, crop=False)


class _Renderable:
    """A report that rich lays out for the width it is given."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def __rich_console__(
        self, console: "Console", options: "ConsoleOptions"
    ) -> "Iterator[RenderableType]":
        """Yield the parts, at most MOST_COLUMNS wide: longer lines are hard to read."""
        from rich.constrain import Constrain
        from rich.padding import Padding

        # Wherever the encoding cannot show boxes, the ladder is drawn in ASCII.
        width = min(options.max_width, MOST_COLUMNS)
        for indent, part in _parts(self.report, width, options.ascii_only):
            if isinstance(part, str):
                yield one_line(part, indent)
            else:
                yield Constrain(Padding(part, (0, 0, 0, indent)), width)


Parts = Iterator[tuple[int, "RenderableType"]]
"""Indent and what to print; a str is one line to be copied, never wrapped."""


def _parts(report: Report, width: int, ascii_only: bool) -> Parts:
    lead = outline.leading(report)
    yield 0, _headline(report)
    if report.pictures:
        yield 0, heading("Who talks to whom")
        for place, picture in enumerate(report.pictures):
            most = outline.arrows_shown(report, picture)
            rows = ladder(picture, width, ASCII if ascii_only else BOXES, most)
            yield 0, _picture(picture, rows, ascii_only, first=place == 0)
    if lead is not None:
        yield 0, heading("What happened")
        yield 2, prose(lead.title, "bold")
        yield from _story(report, lead, 2)
        yield from _advice(lead, 0)
    for finding in outline.others(report):
        yield 0, heading("Also found" if lead else "Found", SEVERITY.get(finding.severity, ""))
        yield 2, prose(finding.title, "bold")
        facts = (finding.certainty, outline.reach(finding), finding.rule)
        yield 2, styled(", ".join(safe(fact) for fact in facts if fact), "dim")
        yield from _story(report, finding, 2)
        yield from _advice(finding, 2)
    yield from _limits(report)
    yield from _topology(report)
    yield from _sessions(report)
    yield from _ticket(report)


def _headline(report: Report) -> "RenderableType":
    text = styled("")
    text.append_text(prose(report.verdict.sentence, f"bold {_COLOURS[outline.state(report)]}"))
    found = outline.standing(report)
    if found is None:
        return text.append(f"\n{outline.counted(report)}") if outline.counted(report) else text
    text.append(f"\n{found.certainty.capitalize()}: ", style="bold")
    text.append(found.meaning)
    if found.reach:
        text.append("\nAffected: ", style="bold")
        text.append(f"{found.reach}   ")
    return text.append(found.rule, style="dim")


def _picture(picture: Picture, rows: list[Row], ascii_only: bool, first: bool) -> "Text":
    text = styled("" if first else "\n")
    mark = "" if ascii_only else "\u2713 " if picture.works else "\u2717 "
    text.append(mark + safe(picture.title), style="bold green" if picture.works else "bold red")
    for row in rows:
        text.append("\n" + row.text, style=_LADDER.get(row.kind, ""))
    text.no_wrap = True
    return text


def _story(report: Report, finding: Finding, indent: int) -> Parts:
    for text in outline.told(report, finding):
        yield indent, spaced(prose(text))
    if finding.frames:
        yield indent, styled("")
        yield indent, _evidence(report, finding.frames)
    if finding.wireshark_filter:
        yield indent, styled("\nWireshark filter", "dim")
        yield indent + 2, finding.wireshark_filter


def _evidence(report: Report, cited: tuple[FrameCitation, ...]) -> "Table":
    some = outline.first(cited, MOST_FRAMES)
    with_files = outline.several_files(report)
    grid = table(0, -1)
    grid.columns[0].justify = "right"
    for frame in some.shown:
        note = prose(frame.note)
        if with_files:
            note.append(f"  {safe(frame.file, 60)}", style="dim")
        grid.add_row(styled(f"frame {frame.number}", "bold"), note)
    if some.more:
        grid.add_row("", styled(f"and {plural(some.more, 'more frame')}", "dim"))
    return grid


def _advice(finding: Finding, indent: int) -> Parts:
    # Under the leading finding these are the report's own sections, elsewhere parts of one.
    head = subheading if indent else heading
    if finding.excluded:
        yield indent, head("Ruled out")
        grid = table(0, -1)
        for item in finding.excluded:
            text = prose(item.hypothesis)
            text.append("\n").append_text(prose(item.why, "dim"))
            grid.add_row(styled("x", "red"), text)
        yield indent + 2, grid
    if finding.fix or finding.references:
        yield indent, head("What to do")
        grid = table(0, -1)
        for fix in finding.fix:
            grid.add_row(styled(product(fix.product), "bold"), prose(fix.text))
        yield indent + 2, grid
        for reference in finding.references:
            yield indent + 2, f"see {reference}"
    if finding.next_capture:
        yield indent, head("Capture next")
    for step in finding.next_capture:
        text = prose(step.where, "bold")
        text.append(": ").append_text(prose(step.why, "not bold"))
        yield indent + 2, text
        yield indent + 4, step.command


def _limits(report: Report) -> Parts:
    if not report.limits and not report.not_judged:
        return
    yield 0, heading("Limits of this capture")
    for limit in report.limits:
        text = prose(limit.summary)
        some = outline.first(limit.frames, MOST_FRAMES)
        if some.shown:
            cited = ", ".join(str(frame.number) for frame in some.shown)
            text.append(f" (frame{'s' if len(some.shown) > 1 else ''} {cited})", style="dim")
        text.append(f"  {safe(limit.id, 60)}", style="dim")
        yield 2, text
    if report.not_judged:
        yield 2, styled("Not judged, for want of frames:", "dim")
        grid = table(0, -1)
        for rule, needs in report.not_judged:
            grid.add_row(styled(safe(rule, 60), "dim"), prose(needs, "dim"))
        yield 4, grid


def _topology(report: Report) -> Parts:
    grid = table(0, 0, -1)
    for player in outline.players(report, MOST_ADDRESSES):
        name = styled(player.name, "bold" if player.is_address else "")
        grid.add_row(player.role, name, prose(player.why, "dim"))
    if grid.row_count:
        yield 0, heading("Who is who")
        yield 2, grid


def _sessions(report: Report) -> Parts:
    from rich.table import Table

    some = outline.first(outline.listed(report), MOST_SESSIONS)
    if not some.shown:
        return
    services = {outline.ends(session)[1] for session in some.shown}
    # On 80 columns there is no room for a column that says the same in every line.
    same = len(services) == 1
    lines = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for head in ("id", "client", "virtual service", "real server", "mode", "outcome", "frames"):
        if not (same and head == "virtual service"):
            lines.add_column(head, overflow="fold", no_wrap=head in ("id", "outcome", "frames"))
    for session in some.shown:
        client, service, server = outline.ends(session)
        outcome = styled(safe(session.outcome, 20), _OUTCOMES.get(session.outcome, ""))
        cells = [client, *([] if same else [service]), server, safe(session.mode, 20)]
        texts = [styled(cell) for cell in cells]
        lines.add_row(str(session.id), *texts, outcome, outline.frames(session))
    yield 0, heading("Sessions", f"all to {services.pop()}" if same else "")
    yield 2, lines
    if some.more:
        yield 2, styled(f"and {plural(some.more, 'more session')}", "dim")
    quiet = outline.unlisted(report, some)
    if quiet:
        yield 2, styled(quiet, "dim")


def _ticket(report: Report) -> Parts:
    if not report.captures:
        return
    yield 0, heading("Evidence for the ticket")
    for capture in report.captures:
        kind = ", ".join(safe(word, 40) for word in (capture.format, *capture.link_types))
        where = f"taken at the {safe(capture.point, 20)}" if capture.point else "point not known"
        packets = plural(capture.packets, "packet")
        grid = table(0, -1)
        grid.add_row(styled("file", "dim"), styled(safe(capture.file), "bold"))
        grid.add_row(styled("sha256", "dim"), styled(safe(capture.sha256, 64)))
        grid.add_row("", styled(f"{kind}; {packets}, {size(capture.bytes)}; {where}"))
        grid.add_row(styled("time", "dim"), styled(period(capture.first, capture.last)))
        merging = outline.merging(capture)
        if merging:
            told = f"numbered in drawings and sessions as by {safe(merging)}"
            grid.add_row(styled("frames", "dim"), styled(told))
        yield 2, grid
    tool = " ".join(safe(report.tool.get(key, ""), 40) for key in ("name", "version")).strip()
    if tool:
        yield 2, styled(tool, "dim")
