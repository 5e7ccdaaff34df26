"""Connection reuse: requests of many fronts over few backs, paired request by request.

A request is a turn toward the responder (RFC 9112 9.3: one at a time on a connection).  Which back
carried it is told by time, by the request line, and by the client's address that the balancer wrote
into X-Forwarded-For or Forwarded (RFC 7239).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.payload.http1 import Request
from pcapdiag.sessions.assign import assign
from pcapdiag.sessions.evidence import Floats, Scene, timing
from pcapdiag.sessions.triggers import DATA, TURN

MOST_READ = 50_000
"""Requests read again from the file; with more, time alone pairs them."""

WITHIN_NS = 10_000_000_000
"""A request waits at most this long for a back."""

NEAREST = 12
"""Requests on fronts looked at for each request on a back."""

SAME_LINE, OTHER_LINE = 5.0, -9.0
NAMES_CLIENT, NAMES_OTHER = 6.0, -12.0

ReadRequests = Callable[[NDArray[Any]], Sequence[Request | None]]
"""Reads the requests that begin at the given events, in their order."""


@dataclass(frozen=True)
class Carried:
    """Which back carried which front's requests, one entry a pair of legs."""

    front: Ints
    back: Ints
    confidence: Floats
    requests: Ints
    """How many requests the pair rests on."""


def reused(scene: Scene, front: Ints, back: Ints, health_checks: Bools) -> bool:
    """Return whether backs carry more, or less, than the pairs so far explain.

    True when fronts were answered without a back while backs took more requests than their front made; or
    when backs without a front took requests while fronts made more than their back took.
    """
    legs = scene.legs
    alone = keys.outside(scene.fronts, front)
    answered = (legs.column("bytes", 1)[alone] > 0) & (legs.column("bytes", 0)[alone] > 0)
    turns = legs.column("turns", 0)
    loose = keys.outside(scene.backs, back)
    loose = loose[~health_checks[loose]]
    more = bool((turns[back] > turns[front]).any() or (turns[loose] > 1).any())
    dealt_out = bool((turns[front] > turns[back]).any() and (turns[loose] > 0).any())
    return (bool(answered.any()) and more) or dealt_out


def carry(
    scene: Scene, events: NDArray[Any], records: int, read: ReadRequests, only: Bools
) -> Carried:
    """Pair requests on fronts with requests on backs; `only` are the legs that take part."""
    spoken = events[
        ((events["kind"] == TURN) | (events["kind"] == DATA)) & (events["direction"] == 0)
    ]
    asked, asked_leg = _of(spoken, scene.fronts[only[scene.fronts]], scene, records)
    passed, passed_leg = _of(spoken, scene.backs[only[scene.backs]], scene, records)
    one, two = _near(asked["time_ns"].astype(np.int64), passed["time_ns"].astype(np.int64))
    gap = (passed["time_ns"][two] - asked["time_ns"][one]).astype(np.float64)
    span = float(max(np.ptp(asked["time_ns"]), 1e9)) if len(asked) else 1e9
    weight = timing.law(gap, len(asked) / span)
    if len(asked) + len(passed) <= MOST_READ:
        weight = weight + _said(scene, read(asked), asked_leg, read(passed), one, two)
    chosen = assign(one, two, weight)
    front, back = asked_leg[one[chosen.taken]], passed_leg[two[chosen.taken]]
    return _legs_of(front, back, chosen.confidence)


def _of(
    spoken: NDArray[Any], chosen: Ints, scene: Scene, records: int
) -> tuple[NDArray[Any], Ints]:
    """Return the turns of the chosen legs in time order, and the leg of each."""
    leg_of = np.full(records + 1, -1, np.int64)
    leg_of[scene.legs.record[chosen]] = chosen
    leg = leg_of[spoken["record"].astype(np.int64)]
    mine = np.flatnonzero(leg >= 0)
    mine = mine[np.argsort(spoken["time_ns"][mine], kind="stable")]
    return spoken[mine], leg[mine]


def _near(asked_ns: Ints, passed_ns: Ints) -> tuple[Ints, Ints]:
    """Propose, for each request on a back, the latest requests on fronts before it."""
    place = np.searchsorted(asked_ns, passed_ns, "right")
    number = np.arange(len(passed_ns))
    one: list[Ints] = []
    two: list[Ints] = []
    for step in range(1, NEAREST + 1):
        at = place - step
        fits = at >= 0
        fits[fits] &= passed_ns[fits] - asked_ns[at[fits]] <= WITHIN_NS
        one.append(at[fits])
        two.append(number[fits])
    return np.concatenate(one), np.concatenate(two)


def _said(
    scene: Scene,
    asked: Sequence[Request | None],
    asked_leg: Ints,
    passed: Sequence[Request | None],
    one: Ints,
    two: Ints,
) -> Floats:
    """Weigh request lines and named clients."""
    lines: dict[bytes, int] = {}
    number = [
        [lines.setdefault(r.line, len(lines)) if r else -1 for r in side]
        for side in (asked, passed)
    ]
    left, right = (np.array(side, np.int64) for side in number)
    both = (left[one] >= 0) & (right[two] >= 0)
    weight = np.where(both, np.where(left[one] == right[two], SAME_LINE, OTHER_LINE), 0.0)
    clients = {str(address): n for n, address in enumerate(scene.legs.addresses)}
    named = np.array(
        [clients.get(r.client, -2) if r and r.client else -1 for r in passed], np.int64
    )
    client = scene.legs.source[asked_leg]
    says = named[two] != -1
    return weight + np.where(
        says, np.where(named[two] == client[one], NAMES_CLIENT, NAMES_OTHER), 0.0
    )


def _legs_of(front: Ints, back: Ints, confidence: Floats) -> Carried:
    """Gather request pairs by legs; a pair of legs is as sure as its surest request."""
    if not len(front):
        none = np.empty(0, np.int64)
        return Carried(none, none, np.empty(0), none)
    both, which, count = np.unique(
        np.column_stack([front, back]), axis=0, return_inverse=True, return_counts=True
    )
    best = np.zeros(len(both))
    np.maximum.at(best, which, confidence)
    return Carried(both[:, 0], both[:, 1], best, count.astype(np.int64))
