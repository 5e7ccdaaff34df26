"""A session: one front flow with the back flows that carried it."""

from dataclasses import dataclass
from typing import Final

MODES: Final = ("snat", "transparent", "dnat", "full-nat", "dsr", "tunnel", "none", "unknown")
OUTCOMES: Final = ("ok", "failed", "degraded", "undetermined")


@dataclass(frozen=True, slots=True)
class Back:
    """One back flow of a session."""

    record: int
    """Record of the flow table (a hop's record when the flow has hops)."""
    confidence: float
    """0..1, calibrated: of pairs with 0.9, nine in ten are right."""
    evidence: tuple[str, ...]
    """Names of the kinds of evidence that made the pair, strongest first."""


@dataclass(frozen=True, slots=True)
class Session:
    """Front and backs; ids count from 1 in order of the first frame."""

    id: int
    front: int
    """Record of the flow table; -1: the front flow was not captured."""
    backs: tuple[Back, ...]
    mode: str
    outcome: str
    health_check: bool = False
    """The balancer's own probe: front == -1, one back; not listed among the report's sessions."""
