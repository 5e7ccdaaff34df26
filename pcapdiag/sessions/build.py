"""From pairs to sessions: numbered, with mode and outcome."""

from collections.abc import Callable

import numpy as np

from pcapdiag.flows.legs import Ints
from pcapdiag.sessions.mode import modes
from pcapdiag.sessions.model import Back, Session
from pcapdiag.sessions.outcome import Ends, ends, outcome
from pcapdiag.sessions.pair import TWO_HOPS, Pairs

ReadStatus = Callable[[Ints], dict[int, int]]
"""Reads the HTTP status of the first reply on the given records of the flow table; others are left out."""


def sessions_of(pairs: Pairs, capture_end_ns: int, read_status: ReadStatus) -> list[Session]:
    """Return the sessions of one file in order of their first frame, ids all 0."""
    legs = pairs.legs
    facts = ends(legs, capture_end_ns)
    lone = np.setdiff1d(np.flatnonzero(pairs.fronts), pairs.front)
    answered = lone[legs.column("bytes", 1)[lone] > 0]
    status = read_status(legs.record[answered])
    found = _paired(pairs, facts) + _without_front(pairs, facts)
    for front, record in zip(lone.tolist(), legs.record[lone].tolist(), strict=True):
        result = outcome(facts, front, (), "none", status.get(record))
        found.append((front, Session(0, record, (), "none", result)))
    found.sort(key=lambda entry: entry[0])
    return [session for _, session in found]


def _paired(pairs: Pairs, facts: Ends) -> list[tuple[int, Session]]:
    """Return each front with its backs in order of their first frame, and its leg's position."""
    order = np.lexsort((pairs.back, pairs.front))
    front, back = pairs.front[order].tolist(), pairs.back[order].tolist()
    words = modes(pairs.legs, pairs.front[order], pairs.back[order])
    confidence = pairs.confidence[order].tolist()
    evidence = [pairs.evidence[at] for at in order.tolist()]
    record = pairs.legs.record.tolist()
    found: list[tuple[int, Session]] = []
    begin = 0
    for end in range(1, len(front) + 1):
        if end < len(front) and front[end] == front[begin]:
            continue
        group, leg = range(begin, end), front[begin]
        decisive = next((at for at in group if facts.served[back[at]]), end - 1)
        mode = "dsr" if evidence[decisive] == TWO_HOPS else words[decisive]
        made = tuple(Back(record[back[at]], confidence[at], evidence[at]) for at in group)
        result = outcome(facts, leg, back[begin:end], mode)
        found.append((leg, Session(0, record[leg], made, mode, result)))
        begin = end
    return found


def _without_front(pairs: Pairs, facts: Ends) -> list[tuple[int, Session]]:
    """Return backs that nobody asked for: health checks, pools, or fronts not captured."""
    legs = pairs.legs
    loose = np.setdiff1d(np.flatnonzero(pairs.backs), pairs.back)
    own = np.isin(legs.source, pairs.roles.self_addresses)
    found = []
    for back in loose.tolist():
        mode = "snat" if own[back] else "unknown"
        only = (Back(int(legs.record[back]), 0.0, ()),)
        probe = bool(pairs.probes[back])
        result = outcome(facts, -1, [back], mode)
        found.append((back, Session(0, -1, only, mode, result, health_check=probe)))
    return found


def mean_confidence(session: Session) -> float:
    """Return the confidence of a session as a whole: its weakest back's; 1 without backs."""
    return min((back.confidence for back in session.backs), default=1.0)
