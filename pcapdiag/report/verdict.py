"""The answer in one sentence: the leading finding, healthy, or what keeps us from saying so.

A false verdict is worse than "inconclusive": healthy needs sessions that were seen to work, none that
failed, and no limit that hides a part of the traffic.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from pcapdiag.report.model import (
    UNREADABLE,
    CaptureLine,
    Finding,
    Limit,
    SessionLine,
    TopologyView,
    Verdict,
)
from pcapdiag.report.words import plural

BLINDING: Final = frozenset({UNREADABLE, "capture-one-way", "capture-leg-missing"})
"""Limits that hide so much that "healthy" would be a guess."""

FEW: Final = 0.25
"""Largest share of undetermined sessions beside which "healthy" may still stand: those that the
capture's beginning or end cut."""

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
    for finding in findings:
        if finding.severity in ("error", "warning"):
            return Verdict(finding.rule, finding.certainty, finding.summary)
    # Lines are made anew each time that somebody looks through them.
    sessions = tuple(sessions)
    outcomes = Counter(session.outcome for session in sessions)
    missing = _missing(sessions, outcomes, limits, captures)
    if missing is not None:
        return Verdict("inconclusive", None, f"Inconclusive: {missing}")
    checked = _checked(sessions, outcomes, topology)
    if any(limit.id == "capture-damaged" for limit in limits):
        checked = f"{checked[:-1]}; the capture is damaged, only what could be read was judged."
    return Verdict("healthy", None, f"Healthy: {checked}")


def _missing(
    sessions: Sequence[SessionLine],
    outcomes: Counter[str],
    limits: Sequence[Limit],
    captures: Sequence[CaptureLine],
) -> str | None:
    """Return what keeps the capture from being called healthy, and what to do; None: nothing."""
    if not sum(capture.packets for capture in captures):
        return f"the capture holds no packets. {WHOLE_CAPTURE}"
    total = sum(outcomes.values())
    if not total:
        return f"the capture shows no TCP connection to judge. {WHOLE_CAPTURE}"
    bad = outcomes["failed"] + outcomes["degraded"]
    if bad:
        one = next(s for s in sessions if s.outcome in ("failed", "degraded"))
        return (
            f"{bad} of {plural(total, 'session')} went wrong in a way that no rule explains. "
            f"Look at one of them: {_where(one, len(captures) > 1)}."
        )
    blind = [limit for limit in limits if limit.id in BLINDING]
    if blind:
        return f"{blind[0].summary.rstrip('.')}. {WHOLE_CAPTURE}"
    if not outcomes["ok"]:
        return (
            f"none of {plural(total, 'session')} shows enough to tell whether it worked. "
            f"{WHOLE_CAPTURE}"
        )
    unclear = [session for session in sessions if session.outcome == "undetermined"]
    if len(unclear) > FEW * total or _untold_mode(sessions):
        return (
            f"{len(unclear)} of {plural(total, 'session')} cannot be judged, most likely because the "
            f"capture ends or begins within them; the others work. {WHOLE_CAPTURE}"
        )
    return None


def _where(session: SessionLine, several: bool) -> str:
    """Return how to look at a session's packets."""
    leg = session.front or session.backs[0]
    if several:
        # `dissect` takes one capture and numbers its sessions alone: there this one has another number.
        return f"session {session.id}, from frame {leg.first_frame} of {leg.file} on"
    return f"pcapdiag dissect {leg.file} --session {session.id}"


def _untold_mode(sessions: Sequence[SessionLine]) -> bool:
    """Say whether one way of forwarding shows several sessions of which none is known to work.

    The others' success says nothing of them: in the story's failure all transparent sessions fail.
    """
    seen = Counter(session.mode for session in sessions if session.backs)
    working = {session.mode for session in sessions if session.outcome == "ok"}
    return any(count > 1 and mode not in working for mode, count in seen.items())


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
    if session.mode not in ("dsr", "tunnel"):
        return {(back.destination, back.destination_port) for back in session.backs}
    # The VIP stays the destination: only the MAC, where the link shows it, says which server it is.
    return {None if b.macs[1] is None else (b.macs[1], b.destination_port) for b in session.backs}
