"""From pairs to sessions: numbered, with mode and outcome."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.sessions.mode import modes
from pcapdiag.sessions.model import Back, Session
from pcapdiag.sessions.outcome import Ends, ends, outcome
from pcapdiag.sessions.pair import Pairs

ReadStatus = Callable[[Ints], dict[int, int]]
"""Reads the HTTP status of the first reply on the given records of the flow table; others are left out."""


@dataclass(frozen=True)
class _Group:
    """The backs of one front, as positions in the pairs."""

    front: int
    pairs: tuple[int, ...]


def sessions_of(pairs: Pairs, capture_end_ns: int, read_status: ReadStatus) -> list[Session]:
    """Return the sessions of one file in order of their first frame, ids all 0."""
    legs = pairs.legs
    facts = ends(legs, capture_end_ns)
    words = modes(legs, pairs.front, pairs.back)
    lone = np.setdiff1d(np.flatnonzero(pairs.fronts), pairs.front)
    answered = lone[facts.served[lone]]
    status = read_status(legs.record[answered])
    found: list[tuple[int, Session]] = []
    for group in _groups(pairs):
        backs = [int(pairs.back[p]) for p in group.pairs]
        decisive = _decisive(pairs, facts.served, group.pairs)
        mode = "dsr" if "same-flow-on-two-hops" in pairs.evidence[decisive] else words[decisive]
        made = tuple(
            Back(int(legs.record[b]), float(pairs.confidence[p]), pairs.evidence[p])
            for p, b in zip(group.pairs, backs, strict=True)
        )
        result = outcome(legs, facts, group.front, backs, mode, None)
        found.append((group.front, Session(0, int(legs.record[group.front]), made, mode, result)))
    for front in lone.tolist():
        record = int(legs.record[front])
        result = outcome(legs, facts, front, (), "none", status.get(record))
        found.append((front, Session(0, record, (), "none", result)))
    found += _without_front(pairs, facts)
    found.sort(key=lambda entry: entry[0])
    return [session for _, session in found]


def _groups(pairs: Pairs) -> list[_Group]:
    """Return each front with its backs in order of their first frame."""
    if not len(pairs.front):
        return []
    order = np.lexsort((pairs.back, pairs.front))
    cuts = np.flatnonzero(np.diff(pairs.front[order])) + 1
    return [
        _Group(int(pairs.front[members[0]]), tuple(members.tolist()))
        for members in np.split(order, cuts)
    ]


def _decisive(pairs: Pairs, served: Bools, group: tuple[int, ...]) -> int:
    """Return the pair that carried the session: the first that served, else the last tried."""
    for pair in group:
        if served[pairs.back[pair]]:
            return pair
    return group[-1]


def _without_front(pairs: Pairs, facts: Ends) -> list[tuple[int, Session]]:
    """Return backs that nobody asked for: health checks, pools, or fronts not captured."""
    legs = pairs.legs
    loose = np.setdiff1d(np.flatnonzero(pairs.backs), pairs.back)
    own = np.isin(legs.source, pairs.roles.self_addresses)
    found = []
    for back in loose.tolist():
        probe = bool(pairs.probes[back])
        mode = "snat" if own[back] else "unknown"
        result = outcome(legs, facts, -1, [back], mode, None)
        only = (Back(int(legs.record[back]), 0.0, ()),)
        found.append((back, Session(0, -1, only, mode, result, health_check=probe)))
    return found


def mean_confidence(session: Session) -> float:
    """Return the confidence of a session as a whole: its weakest back's; 1 without backs."""
    return min((back.confidence for back in session.backs), default=1.0)
