"""Where an analysis stands once all rules are asked: a finding leads, it is healthy, or something is missing.

A false verdict is worse than "inconclusive": healthy needs sessions that were seen to work, none that
failed, and no limit that hides a part of the traffic.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pcapdiag.report.model import CaptureLine, Finding, Limit, SessionLine, Tally

FEW: Final = 0.25
"""Largest share of undetermined sessions beside which "healthy" may still stand: those that the
capture's beginning or end cut."""

STANDINGS: Final = (
    "finding", "no-packets", "no-sessions", "unexplained", "blind", "nothing-works", "undetermined",
    "healthy",
)  # fmt: skip
"""What an analysis may come to, what decides first before what decides later."""


@dataclass(frozen=True)
class Standing:
    """What an analysis comes to."""

    kind: str
    """One of STANDINGS."""
    finding: Finding | None = None
    """The leading one."""
    limit: Limit | None = None
    """The one that blinds."""
    session: SessionLine | None = None
    """The first that went wrong without a rule that says why."""


def standing(
    findings: Sequence[Finding],
    limits: Sequence[Limit],
    sessions: Tally,
    captures: Sequence[CaptureLine],
) -> Standing:
    """Return where the analysis stands; `findings` are sorted, the most important first."""
    first = leading(findings)
    if first is not None:
        return Standing("finding", finding=first)
    if not sum(capture.packets for capture in captures):
        return Standing("no-packets")
    outcomes = sessions.outcomes
    total = sum(outcomes.values())
    if not total:
        return Standing("no-sessions")
    if sessions.wrong is not None:
        return Standing("unexplained", session=sessions.wrong)
    blind = next((limit for limit in limits if limit.blinds), None)
    if blind is not None:
        return Standing("blind", limit=blind)
    if not outcomes.get("ok"):
        return Standing("nothing-works")
    if outcomes.get("undetermined", 0) > FEW * total or untold_mode(sessions):
        return Standing("undetermined")
    return Standing("healthy")


def leading(findings: Sequence[Finding]) -> Finding | None:
    """Return the finding that the answer is made of: a note is none."""
    return next((f for f in findings if f.severity in ("error", "warning")), None)


def untold_mode(sessions: Tally) -> bool:
    """Say whether one way of forwarding shows several sessions of which none is known to work.

    The others' success says nothing of them: in the story's failure all transparent sessions fail.
    """
    return any(count > 1 and mode not in sessions.working for mode, count in sessions.modes.items())
