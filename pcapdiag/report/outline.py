"""What every format for people shows, and how much of it: the choices they share.

Nothing is judged here; findings, sessions and frames are only picked and cut to a readable length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pcapdiag.report.model import Finding, Flow, Picture, Report, SessionLine
from pcapdiag.report.words import GROUP, end_point, number, plural, safe

T = TypeVar("T")

CONTRAST_ARROWS: Final = 10


@dataclass(frozen=True)
class Some(Generic[T]):
    """The first few of many."""

    shown: tuple[T, ...]
    more: int
    """How many are not shown."""


def first(items: Sequence[T], most: int) -> Some[T]:
    """Take at most `most`; a single one left over is shown, too, since saying so is no shorter."""
    if len(items) <= most + 1:
        return Some(tuple(items), 0)
    return Some(tuple(items[:most]), len(items) - most)


def leading(report: Report) -> Finding | None:
    """Return the finding the verdict rests on; None for healthy and inconclusive."""
    return next((f for f in report.findings if f.rule == report.verdict.rule), None)


def others(report: Report) -> tuple[Finding, ...]:
    """Return the findings beside the leading one, in the report's order."""
    lead = leading(report)
    return tuple(finding for finding in report.findings if finding is not lead)


def listed(report: Report) -> tuple[SessionLine, ...]:
    """Return the sessions that ``report.listed`` asks for.

    Affected are those that did not end well and those that a warning or an error names.
    """
    if report.listed == "none":
        return ()
    if report.listed == "all":
        return report.sessions
    named = {i for f in report.findings if f.severity != "note" for i in f.sessions}
    return tuple(s for s in report.sessions if s.id in named or s.outcome in ("failed", "degraded"))


def state(report: Report) -> str:
    """Return how the verdict should look: ``good``, ``bad``, ``warn`` or ``open``."""
    if report.verdict.rule == "healthy":
        return "good"
    lead = leading(report)
    if lead is None:
        return "open"
    return {"error": "bad", "warning": "warn"}.get(lead.severity, "good")


def reach(finding: Finding, group: str = GROUP) -> str:
    """Say how many of the finding's kind it holds for: ``24 of 36 sessions``; empty if unknown."""
    if not finding.of:
        return ""
    # Findings about a virtual service or a server count its sessions, as their list shows.
    counted = "session" if len(finding.sessions) == finding.affected else finding.scope
    one = {"vip": "virtual service"}.get(counted, safe(counted, 40))
    if finding.of == finding.affected == 1:
        return f"the only {one}"
    return f"{number(finding.affected, group)} of {plural(finding.of, one, group=group)}"


def told(report: Report, finding: Finding) -> tuple[str, ...]:
    """Return the finding's texts that neither its title nor the verdict's sentence has said."""
    said = ("", finding.title, report.verdict.sentence)
    return tuple(text for text in (finding.summary, finding.means) if text not in said)


def arrows_shown(report: Report, picture: Picture) -> int | None:
    """Return how many arrows a picture made of text gets; None: all.

    Beside a failing session, a working one only has to show how the same beginning goes on.
    """
    beside = picture.works and any(not each.works for each in report.pictures)
    return CONTRAST_ARROWS if beside else None


def ends(session: SessionLine) -> tuple[str, str, str]:
    """Return a session's client, virtual service and last real server; ``-`` where not seen."""
    front, backs = session.front, session.backs
    client = end_point(front.source, front.source_port) if front else "-"
    service = end_point(front.destination, front.destination_port) if front else "-"
    if not backs:
        return client, service, "-"
    server = end_point(backs[-1].destination, backs[-1].destination_port)
    return client, service, server if len(backs) == 1 else f"{server} (+{len(backs) - 1})"


def legs(session: SessionLine) -> tuple[Flow, ...]:
    """Return the flows of a session, the front first."""
    return (*((session.front,) if session.front else ()), *session.backs)


def frames(session: SessionLine) -> str:
    """Return the first and last frame of a session: ``3-627``."""
    flows = legs(session)
    if not flows:
        return "-"
    return f"{min(f.first_frame for f in flows)}-{max(f.last_frame for f in flows)}"


def several_files(report: Report) -> bool:
    """Tell whether a frame number needs its file's name beside it."""
    return len(report.captures) > 1
