"""What every format for people shows, and how much of it: the choices they share.

Nothing is judged here; findings, sessions and frames are only picked and cut to a readable length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Final, Generic, TypeVar

from pcapdiag.report.model import (
    CaptureLine,
    Finding,
    Flow,
    GatewayLine,
    Picture,
    Report,
    SessionLine,
)
from pcapdiag.report.words import CERTAINTY, endpoint, number, plural, safe

T = TypeVar("T")

CONTRAST_ARROWS: Final = 10

MOST_OWN: Final = 4
"""Addresses shown of one gateway."""

MOST_PARTS: Final = 8
"""Files shown of one capture."""


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


def listed(report: Report) -> Sequence[SessionLine]:
    """Return the sessions that ``report.listed`` asks for."""
    return {"none": (), "all": report.sessions}.get(report.listed, report.affected)


def state(report: Report) -> str:
    """Return how the verdict should look: ``good``, ``bad``, ``warn`` or ``open``."""
    if report.verdict.rule == "healthy":
        return "good"
    lead = leading(report)
    if lead is None:
        return "open"
    return {"error": "bad", "warning": "warn"}.get(lead.severity, "good")


def reach(finding: Finding) -> str:
    """Say how many sessions it holds for: ``24 of 36 sessions``; empty if unknown.

    Clients' sessions are named one by one; what is affected but not named are health checks.
    """
    if not finding.of:
        return ""
    one = "session" if len(finding.sessions) == finding.affected else "health check"
    if finding.of == finding.affected == 1:
        return f"the only {one}"
    return f"{number(finding.affected)} of {plural(finding.of, one)}"


@dataclass(frozen=True)
class Standing:
    """How sure the verdict is and how far its leading finding goes."""

    certainty: str
    meaning: str
    """A sentence; empty for a certainty that is not known here."""
    reach: str
    rule: str


def standing(report: Report) -> Standing | None:
    """Return what stands right below the verdict; None when no finding leads."""
    lead = leading(report)
    if lead is None:
        return None
    certainty = report.verdict.certainty or lead.certainty
    meaning = CERTAINTY.get(certainty, "")
    return Standing(safe(certainty, 40), meaning, reach(lead), safe(lead.rule))


def counted(report: Report) -> str:
    """Return what was looked at, for a verdict without a finding; empty: no sessions."""
    if not report.sessions:
        return ""
    captures = plural(len(report.captures), "capture")
    files = sum(max(len(capture.parts), 1) for capture in report.captures)
    of_files = f" of {files} files" if files > len(report.captures) else ""
    return f"{plural(len(report.sessions), 'session')} in {captures}{of_files}"


@dataclass(frozen=True)
class Player:
    """One line of who is who; `why` is a rule's or topology's text, the others are safe."""

    role: str
    name: str
    why: str
    is_address: bool
    """False: `name` is a number of them."""


def players(report: Report, most: int) -> tuple[Player, ...]:
    """Return who is who, at most `most` of each role."""
    topology = report.topology
    found = list[Player]()

    def add(role: str, named: Sequence[tuple[str, str]]) -> None:
        some = first(named, most)
        found.extend(Player(role, name, why, True) for name, why in some.shown)
        if some.more:
            found.append(Player(role, f"and {number(some.more)} more", "", False))

    for role, points in (
        ("VIP", topology.vips),
        ("balancer", topology.balancers),
        ("real server", topology.servers),
    ):
        add(role, [(endpoint(point.address, point.port), point.reason) for point in points])
    add("gateway", [_gateway(line) for line in topology.gateways])
    clients = topology.clients
    if clients.total:
        split = f"{number(clients.on_link)} on-link, {number(clients.routed)} routed"
        found.append(Player("clients", number(clients.total), split, False))
    return tuple(found)


def _gateway(line: GatewayLine) -> tuple[str, str]:
    """Return a gateway's first address and what else is known of it; without one its MAC."""
    mac, addresses = safe(line.mac, 20), [safe(a, 60) for a in line.addresses[:MOST_OWN]]
    name = addresses[0] if addresses else mac
    known = [f"MAC {mac}" if addresses else "its address was not seen"]
    if addresses[1:]:
        known.append(f"also {', '.join(addresses[1:])}")
    return name, "; ".join([*known, *([line.reason] if line.reason else [])])


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


def unlisted(report: Report, some: Some[SessionLine]) -> str:
    """Say how many sessions the list leaves out because nothing ails them; empty: none."""
    rest = len(report.sessions) - len(some.shown) - some.more
    return f"not listed: {plural(rest, 'session')} without trouble" if rest else ""


def ends(session: SessionLine) -> tuple[str, str, str]:
    """Return a session's client, virtual service and last real server; ``-`` where not seen."""
    front, backs = session.front, session.backs
    client = endpoint(front.source, front.source_port) if front else "-"
    service = endpoint(front.destination, front.destination_port) if front else "-"
    if not backs:
        return client, service, "-"
    server = endpoint(backs[-1].destination, backs[-1].destination_port)
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


def merging(capture: CaptureLine) -> str:
    """Return the command whose output counts frames as drawings and sessions do; "": it is one file.

    Cited frames are named by their own file and their number in it.
    """
    names = [quote(part.file) for part in capture.parts]
    if not names:
        return ""
    named = first(names, MOST_PARTS)
    command = "mergecap" if capture.woven else "mergecap -a"
    return " ".join([command, "-w whole.pcapng", *named.shown, *(["..."] if named.more else [])])


def several_files(report: Report) -> bool:
    """Tell whether a frame number needs its file's name beside it."""
    return len(report.captures) > 1 or any(capture.parts for capture in report.captures)
