"""Failed attempts: backs of a session beside the one that carried it.

A balancer that finds a server closed tries again, there or elsewhere, after a delay of its own; the
delay is learned from the capture.  Source: RFC 9293 3.10.7.3 (a refused SYN), HAProxy's ``retries``.
"""

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints, Legs
from pcapdiag.flows.table import HANDSHAKES
from pcapdiag.sessions.assign import assign
from pcapdiag.sessions.evidence import Floats, Scene, kept_client, relay, timing

MOST = 8
"""Rounds: a session with more failed attempts than this keeps the first ones."""

LONGEST_WAIT_NS = 120_000_000_000
"""Between one attempt's failure and the next."""

SAME_DELAY_NS = 5_000_000.0
"""Attempts of one balancer wait equally long, give or take this."""


def failed(legs: Legs) -> Bools:
    """Return which legs never got through: refused or unanswered."""
    code = legs.column("handshake")
    bad = [HANDSHAKES.index("refused"), HANDSHAKES.index("unanswered")]
    return keys.among(code, bad)


def ended_ns(legs: Legs) -> Ints:
    """Return when a leg's attempt was over: its RST, else its last packet."""
    reset = legs.column("reset_ns", 1)
    return np.where(reset >= 0, reset, legs.column("last_ns"))


def add_attempts(
    scene: Scene, front: Ints, back: Ints, health_checks: Bools
) -> tuple[Ints, Ints, Floats]:
    """Return further (front, back) pairs with their confidence.

    `front` and `back` are the pairs so far; only failed backs that are nobody's are added, each to a
    front that was open then, to the front's own attempts so far the delay fits best.
    """
    legs = scene.legs
    loose = keys.outside(scene.backs[failed(legs)[scene.backs]], back)
    loose = loose[~health_checks[loose]]
    added: list[tuple[Ints, Ints, Floats]] = []
    for _ in range(MOST):
        if not len(loose):
            break
        f, b, confidence = _round(scene, front, back, loose)
        if not len(f):
            break
        added.append((f, b, confidence))
        front, back = np.concatenate([front, f]), np.concatenate([back, b])
        loose = keys.outside(loose, b)
    none = np.empty(0, np.int64)
    return (
        np.concatenate([none, *(f for f, _, _ in added)]),
        np.concatenate([none, *(b for _, b, _ in added)]),
        np.concatenate([np.empty(0), *(c for _, _, c in added)]),
    )


def _round(scene: Scene, front: Ints, back: Ints, loose: Ints) -> tuple[Ints, Ints, Floats]:
    """Give each front at most one more attempt."""
    legs = scene.legs
    f, previous, b = _after_failure(legs, front, back, loose)
    wait = (legs.column("first_ns")[b] - ended_ns(legs)[previous]).astype(np.float64)
    weight = _beat(wait, scene.rate)
    weight += np.maximum(kept_client.weigh(scene, f, b), -30.0)
    weight += relay.weigh_close(scene, f, b)
    # An attempt that came before the pair we know: the front's own trigger explains it.
    f2, b2 = _before_success(legs, front, back, loose)
    weight2 = timing.weigh(scene, f2, b2) + kept_client.weigh(scene, f2, b2)
    f, b = np.concatenate([f, f2]), np.concatenate([b, b2])
    weight = np.concatenate([weight, weight2])
    chosen = assign(f, b, weight)
    return f[chosen.taken], b[chosen.taken], chosen.confidence


def _after_failure(legs: Legs, front: Ints, back: Ints, loose: Ints) -> tuple[Ints, Ints, Ints]:
    """Propose loose backs that begin after a front's attempt failed, while the front was open.

    Returns front, the failed attempt before, and the loose back; only a front's last attempt counts.
    """
    first, last = legs.column("first_ns"), legs.column("last_ns")
    bad = failed(legs)[back]
    order = np.lexsort((first[back], front))
    newest = np.append(front[order][1:] != front[order][:-1], True)[: len(order)]
    tail = order[newest]
    tail = tail[bad[tail]]
    tail = tail[np.argsort(ended_ns(legs)[back[tail]], kind="stable")]
    ends = ended_ns(legs)[back[tail]]
    low = np.searchsorted(ends, first[loose] - LONGEST_WAIT_NS, "left")
    high = np.searchsorted(ends, first[loose], "right")
    low = np.maximum(low, high - 200)
    count = np.maximum(high - low, 0)
    b = np.repeat(loose, count)
    at = np.repeat(low, count) + (np.arange(len(b)) - np.repeat(np.cumsum(count) - count, count))
    f, previous = front[tail[at]], back[tail[at]]
    open_then = last[f] >= first[b]
    return f[open_then], previous[open_then], b[open_then]


def _before_success(legs: Legs, front: Ints, back: Ints, loose: Ints) -> tuple[Ints, Ints]:
    """Propose loose backs that failed before a front's carrying back began."""
    first = legs.column("first_ns")
    carrying = ~failed(legs)[back]
    f, b = front[carrying], back[carrying]
    order = np.argsort(first[b], kind="stable")
    f, b = f[order], b[order]
    low = np.searchsorted(first[b], first[loose], "left")
    count = np.minimum(len(b) - low, 50)
    late = np.repeat(loose, count)
    at = np.repeat(low, count) + (np.arange(len(late)) - np.repeat(np.cumsum(count) - count, count))
    within = (first[f[at]] <= first[late]) & (ended_ns(legs)[late] <= first[b[at]] + 1_000_000)
    return f[at][within], late[within]


def _beat(wait_ns: Floats, rate: float) -> Floats:
    """Weigh waits by how near they are to the wait that most attempts share."""
    if not len(wait_ns):
        return wait_ns
    ordered = np.sort(wait_ns)
    around = np.searchsorted(ordered, ordered + SAME_DELAY_NS, "right") - np.searchsorted(
        ordered, ordered - SAME_DELAY_NS, "left"
    )
    usual = float(ordered[int(np.argmax(around))])
    return timing.law(np.abs(wait_ns - usual), rate, SAME_DELAY_NS / 5)
