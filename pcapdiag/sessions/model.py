"""A session: one front flow with the back flows that carried it; and all of an analysis as columns."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, overload

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.legs import Bools, Ints

MODES: Final = ("snat", "transparent", "dnat", "full-nat", "dsr", "tunnel", "none", "unknown")
ONE_WAY: Final = ("dsr", "tunnel")
"""Modes in which the servers' answers pass the balancer by."""
OUTCOMES: Final = ("ok", "failed", "degraded", "undetermined")

Evidence = tuple[str, ...]
"""Names of the kinds of evidence that made a pair, strongest first."""


@dataclass(frozen=True, slots=True)
class Back:
    """One back flow of a session."""

    record: int
    """Record of the flow table (a hop's record when the flow has hops)."""
    confidence: float
    """0..1, calibrated: of pairs with 0.9, nine in ten are right."""
    evidence: Evidence


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
    """The balancer's own health check: front == -1, one back; not listed among the report's sessions."""


@dataclass(frozen=True, eq=False)
class Sessions(Sequence[Session]):
    """Sessions as columns, one entry a session; a :class:`Session` is made for who looks at one."""

    id: Ints
    front: Ints
    """Record; -1: not captured."""
    mode: Ints
    """Index into MODES."""
    outcome: Ints
    """Index into OUTCOMES."""
    health_check: Bools
    owner: Ints
    """One entry a back: the position of its session here, ascending."""
    back: Ints
    """One entry a back: its record."""
    confidence: NDArray[np.float64]
    """One entry a back."""
    evidence: Ints
    """One entry a back: index into `kinds`."""
    kinds: tuple[Evidence, ...]

    def __len__(self) -> int:
        return len(self.front)

    @overload
    def __getitem__(self, at: int) -> Session: ...
    @overload
    def __getitem__(self, at: slice) -> "Sessions": ...
    def __getitem__(self, at: int | slice) -> "Session | Sessions":
        if isinstance(at, slice):
            return self.at(np.arange(len(self))[at])
        return next(iter(self[range(len(self))[at] :][:1]))

    def __iter__(self) -> Iterator[Session]:
        # Whole columns become Python values at once: a scalar at a time is ten times slower.
        backs = zip(
            self.back.tolist(), self.confidence.tolist(), self.evidence.tolist(), strict=True
        )
        columns = zip(
            self.id.tolist(),
            self.front.tolist(),
            self.back_count.tolist(),
            self.mode.tolist(),
            self.outcome.tolist(),
            self.health_check.tolist(),
            strict=True,
        )
        for number, front, count, mode, outcome, check in columns:
            mine = (next(backs) for _ in range(count))
            made = tuple(Back(record, sure, self.kinds[kind]) for record, sure, kind in mine)
            yield Session(number, front, made, MODES[mode], OUTCOMES[outcome], check)

    @property
    def back_count(self) -> Ints:
        """How many backs each session has."""
        return np.bincount(self.owner, minlength=len(self)).astype(np.int64)

    @property
    def first_back(self) -> Ints:
        """Where each session's backs begin."""
        count = self.back_count
        return np.cumsum(count) - count

    def at(self, position: Ints) -> "Sessions":
        """Return the sessions at these positions, ids as they are."""
        count = self.back_count[position]
        owner = np.repeat(np.arange(len(position)), count)
        before = np.cumsum(count) - count
        back = self.first_back[position][owner] + np.arange(len(owner)) - before[owner]
        return Sessions(
            id=self.id[position],
            front=self.front[position],
            mode=self.mode[position],
            outcome=self.outcome[position],
            health_check=self.health_check[position],
            owner=owner,
            back=self.back[back],
            confidence=self.confidence[back],
            evidence=self.evidence[back],
            kinds=self.kinds,
        )

    def numbered(self) -> "Sessions":
        """Return the same with ids from 1."""
        return replace(self, id=np.arange(1, len(self) + 1))


def columns_of(sessions: Sequence[Session]) -> Sessions:
    """Return sessions as columns; those that are already come back as they are."""
    if isinstance(sessions, Sessions):
        return sessions
    backs = [back for session in sessions for back in session.backs]
    kinds = tuple(dict.fromkeys(back.evidence for back in backs))
    return Sessions(
        id=_ints(s.id for s in sessions),
        front=_ints(s.front for s in sessions),
        mode=_ints(MODES.index(s.mode) for s in sessions),
        outcome=_ints(OUTCOMES.index(s.outcome) for s in sessions),
        health_check=np.array([s.health_check for s in sessions], np.bool_),
        owner=_ints(n for n, s in enumerate(sessions) for _ in s.backs),
        back=_ints(back.record for back in backs),
        confidence=np.array([back.confidence for back in backs], np.float64),
        evidence=_ints(kinds.index(back.evidence) for back in backs),
        kinds=kinds,
    )


def together(parts: Sequence[Sessions]) -> Sessions:
    """Return sessions one part after the other."""
    if len(parts) == 1:
        return parts[0]

    def joined(name: str, shift: Sequence[int] | None = None) -> NDArray[Any]:
        columns = [getattr(part, name) for part in parts]
        if shift is not None:
            columns = [column + by for column, by in zip(columns, shift, strict=True)]
        return np.concatenate(columns) if columns else np.empty(0, np.int64)

    before = np.cumsum([0, *map(len, parts)])[:-1].tolist()
    kinds_before = np.cumsum([0, *(len(part.kinds) for part in parts)])[:-1].tolist()
    return Sessions(
        id=joined("id"),
        front=joined("front"),
        mode=joined("mode"),
        outcome=joined("outcome"),
        health_check=joined("health_check").astype(np.bool_),
        owner=joined("owner", before),
        back=joined("back"),
        confidence=joined("confidence").astype(np.float64),
        evidence=joined("evidence", kinds_before),
        kinds=tuple(kind for part in parts for kind in part.kinds),
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, np.int64)
