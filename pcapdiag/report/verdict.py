"""The answer in one sentence: the leading finding, healthy, or what keeps us from saying so."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from pcapdiag.report.model import (
    CaptureLine,
    Finding,
    Limit,
    SessionLine,
    TopologyView,
    Verdict,
)
from pcapdiag.report.words import plural
from pcapdiag.rules.standing import Standing, leading, standing
from pcapdiag.sessions.model import ONE_WAY

MODE_PHRASES: Final = {
    "snat": "the balancer forwards with its own address (SNAT)",
    "transparent": "the balancer keeps the client's address (transparent)",
    "dnat": "the balancer rewrites only the destination address (DNAT)",
    "full-nat": "the balancer rewrites both addresses (full NAT)",
    "dsr": "the servers answer the clients directly (DSR)",
    "tunnel": "the balancer forwards in a tunnel",
}

WHOLE_CAPTURE: Final = (
    "Capture next on the balancer, from before a client connects until it fails: "
    "tcpdump -i any -s 0 -w next.pcap"
)


def verdict(
    findings: Sequence[Finding],
    limits: Sequence[Limit],
    sessions: Sequence[SessionLine],
    topology: TopologyView,
    captures: Sequence[CaptureLine],
) -> Verdict:
    """Return the report's verdict; `findings` are sorted, the most important first."""
    first = leading(findings)
    if first is not None:
        return Verdict(first.rule, first.certainty, first.summary)
    # Lines are made anew each time that somebody looks through them.
    sessions = tuple(sessions)
    found = standing(findings, limits, sessions, captures)
    outcomes = Counter(session.outcome for session in sessions)
    if found.kind != "healthy":
        files = sum(max(len(capture.parts), 1) for capture in captures)
        missing = _missing(found, outcomes, topology, files)
        return Verdict("inconclusive", None, f"Inconclusive: {missing}")
    checked = _checked(sessions, outcomes, topology)
    if any(limit.id == "capture-damaged" for limit in limits):
        checked = f"{checked[:-1]}; the capture is damaged, only what could be read was judged."
    return Verdict("healthy", None, f"Healthy: {checked}")


def _missing(found: Standing, outcomes: Counter[str], topology: TopologyView, files: int) -> str:
    """Return what keeps the capture from being called healthy, and what to do."""
    total = plural(outcomes.total(), "session")
    if found.session is not None:
        bad = outcomes["failed"] + outcomes["degraded"]
        nobody = (
            ""
            if topology.balancers
            else "; no balancer was seen at work, and the rules are about one"
        )
        return (
            f"{bad} of {total} went wrong in a way that no rule explains{nobody}. "
            f"Look at one of them: {_where(found.session, files)}."
        )
    if found.limit is not None:
        return f"{found.limit.summary.rstrip('.')}. {WHOLE_CAPTURE}"
    words = {
        "no-packets": "the capture holds no packets",
        "no-sessions": "the capture shows no TCP connection to judge",
        "nothing-works": f"none of {total} shows enough to tell whether it worked",
        "undetermined": f"{outcomes['undetermined']} of {total} cannot be judged, most likely because the "
        "capture ends or begins within them; the others work",
    }
    return f"{words[found.kind]}. {WHOLE_CAPTURE}"


def _where(session: SessionLine, files: int) -> str:
    """Return how to look at a session's packets."""
    leg = session.front or session.backs[0]
    if files > 1:
        # Of fewer files the session has another number.
        return f"pcapdiag dissect FILE... --session {session.id}, with the same {files} files"
    return f"pcapdiag dissect {leg.file} --session {session.id}"


def _checked(
    sessions: Sequence[SessionLine], outcomes: Counter[str], topology: TopologyView
) -> str:
    """Say what was looked at, so that "healthy" claims no more than that."""
    total, good = sum(outcomes.values()), outcomes["ok"]
    share = f"all {plural(total, 'session')}" if good == total else f"{good} of {total} sessions"
    if total == 1:
        share = "the one session"
    services = {(s.front.destination, s.front.destination_port) for s in sessions if s.front}
    backs = {back for session in sessions for back in _servers(session)}
    to = f" to {plural(len(services), 'virtual service')}" if services and backs else ""
    was = "was" if total == 1 else "were"
    by = f" by {plural(len(backs), 'server')}" if backs and None not in backs else ""
    rest = total - good
    unclear = f"; {rest} could not be judged" if rest else ""
    modes = sorted({s.mode for s in sessions if s.backs and s.mode in MODE_PHRASES})
    how = f"; {MODE_PHRASES[modes[0]]}" if len(modes) == 1 else ""
    if len(modes) > 1:
        how = f"; modes seen: {', '.join(modes)}"
    return f"{share}{to} {was} answered{by}{unclear}{how}."


def _servers(session: SessionLine) -> set[tuple[str, int] | None]:
    """Return the real servers of a session; None among them: a server that cannot be told apart."""
    if session.mode not in ONE_WAY:
        return {(back.destination, back.destination_port) for back in session.backs}
    # The VIP stays the destination: only the MAC, where the link shows it, says which server it is.
    return {None if b.macs[1] is None else (b.macs[1], b.destination_port) for b in session.backs}
