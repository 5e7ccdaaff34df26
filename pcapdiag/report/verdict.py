"""The answer in one sentence: the leading finding, healthy, or what keeps us from saying so."""

from collections.abc import Mapping, Sequence
from typing import Final

from pcapdiag.report.model import (
    CaptureLine,
    Finding,
    Limit,
    SessionLine,
    Tally,
    TopologyView,
    Verdict,
)
from pcapdiag.report.words import plural
from pcapdiag.rules.standing import Standing, leading, standing

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
    sessions: Tally,
    topology: TopologyView,
    captures: Sequence[CaptureLine],
) -> Verdict:
    """Return the report's verdict; `findings` are sorted, the most important first."""
    first = leading(findings)
    if first is not None:
        return Verdict(first.rule, first.certainty, first.summary)
    found = standing(findings, limits, sessions, captures)
    if found.kind != "healthy":
        files = sum(max(len(capture.parts), 1) for capture in captures)
        missing = _missing(found, sessions.outcomes, topology, files)
        return Verdict("inconclusive", None, f"Inconclusive: {missing}")
    checked = _checked(sessions, topology)
    if any(limit.id == "capture-damaged" for limit in limits):
        checked = f"{checked[:-1]}; the capture is damaged, only what could be read was judged."
    return Verdict("healthy", None, f"Healthy: {checked}")


def _missing(
    found: Standing, outcomes: Mapping[str, int], topology: TopologyView, files: int
) -> str:
    """Return what keeps the capture from being called healthy, and what to do."""
    total = plural(sum(outcomes.values()), "session")
    if found.session is not None:
        bad = outcomes.get("failed", 0) + outcomes.get("degraded", 0)
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
    unclear = outcomes.get("undetermined", 0)
    words = {
        "no-packets": "the capture holds no packets",
        "no-sessions": "the capture shows no TCP connection to judge",
        "nothing-works": f"none of {total} shows enough to tell whether it worked",
        "undetermined": f"{unclear} of {total} cannot be judged: the client got no answer that these "
        "frames show, or the capture begins or ends within them; the others work",
    }
    return f"{words[found.kind]}. {WHOLE_CAPTURE}"


def _where(session: SessionLine, files: int) -> str:
    """Return how to look at a session's packets."""
    leg = session.front or session.backs[0]
    if files > 1:
        # Of fewer files the session has another number.
        return f"pcapdiag dissect FILE... --session {session.id}, with the same {files} files"
    return f"pcapdiag dissect {leg.file} --session {session.id}"


def _checked(sessions: Tally, topology: TopologyView) -> str:
    """Say what was looked at, so that "healthy" claims no more than that."""
    total, good = sum(sessions.outcomes.values()), sessions.outcomes["ok"]
    share = f"all {plural(total, 'session')}" if good == total else f"{good} of {total} sessions"
    if total == 1:
        share = "the one session"
    backs = bool(sessions.modes)
    to = (
        f" to {plural(sessions.services, 'virtual service')}" if sessions.services and backs else ""
    )
    was = "was" if total == 1 else "were"
    by = (
        f" by {plural(sessions.servers, 'server')}"
        if backs and sessions.servers is not None
        else ""
    )
    if by and sessions.alone:
        itself = f"{sessions.alone} by the balancer itself, as far as these frames show"
        by = f": {good - sessions.alone}{by}, {itself}"
    rest = total - good
    unclear = f"; {rest} could not be judged" if rest else ""
    modes = sorted(mode for mode in sessions.modes if mode in MODE_PHRASES)
    how = f"; {MODE_PHRASES[modes[0]]}" if len(modes) == 1 else ""
    if len(modes) > 1:
        how = f"; modes seen: {', '.join(modes)}"
    return f"{share}{to} {was} answered{by}{unclear}{how}."
