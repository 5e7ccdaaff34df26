"""Sessions as the report shows them, made line by line for the format that lists them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import overload

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.flows.table import FlowTable
from pcapdiag.report.flow_lines import flow_lines
from pcapdiag.report.model import Finding, SessionLine
from pcapdiag.sessions.model import OUTCOMES, Sessions

AT_ONCE = 4096
"""Lines made at a time: all of twenty thousand sessions at once would be most of the program's memory."""


@dataclass(frozen=True, eq=False, repr=False)
class SessionLines(Sequence[SessionLine]):
    """The lines of some sessions; each iteration makes them anew."""

    sessions: Sessions
    flows: FlowTable
    """The flow table."""
    files: Sequence[str]
    """Names of the captures, by the number in the flow table's column `file`."""
    named: Sequence[tuple[str, Ints]]
    """Rule and session ids of each finding, in the report's order."""

    def __len__(self) -> int:
        return len(self.sessions)

    @overload
    def __getitem__(self, at: int) -> SessionLine: ...
    @overload
    def __getitem__(self, at: slice) -> "SessionLines": ...
    def __getitem__(self, at: int | slice) -> "SessionLine | SessionLines":
        if isinstance(at, slice):
            return replace(self, sessions=self.sessions[at])
        here = range(len(self))[at]
        return next(iter(self[here : here + 1]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def at(self, position: Ints) -> "SessionLines":
        """Return the lines at these positions."""
        return replace(self, sessions=self.sessions.at(position))

    def __iter__(self) -> Iterator[SessionLine]:
        for begin in range(0, len(self), AT_ONCE):
            yield from self._lines(self.sessions[begin : begin + AT_ONCE])

    def _lines(self, sessions: Sessions) -> Iterator[SessionLine]:
        records = np.concatenate([sessions.front, sessions.back])
        flows = flow_lines(self.flows, records[records >= 0].tolist(), self.files)
        rules = [(rule, keys.among(sessions.id, ids).tolist()) for rule, ids in self.named]
        for n, session in enumerate(sessions):
            yield SessionLine(
                id=session.id,
                front=flows.get(session.front),
                backs=tuple(flows[back.record] for back in session.backs),
                mode=session.mode,
                outcome=session.outcome,
                rules=tuple(dict.fromkeys(rule for rule, holds in rules if holds[n])),
                # A session is as sure as its weakest pair.
                confidence=round(min((b.confidence for b in session.backs), default=1.0), 4),
                matched_by=tuple(dict.fromkeys(e for b in session.backs for e in b.evidence)),
            )


def session_lines(
    sessions: Sessions, flows: FlowTable, files: Sequence[str], findings: Sequence[Finding]
) -> SessionLines:
    """Return the lines of all sessions; `files` are the captures' names."""
    named = [(finding.rule, np.array(finding.sessions, np.int64)) for finding in findings]
    return SessionLines(sessions, flows, files, named)


def troubled(sessions: Sessions, findings: Sequence[Finding]) -> Bools:
    """Return which sessions did not end well or are named by a warning or an error."""
    bad = keys.among(sessions.outcome, [OUTCOMES.index("failed"), OUTCOMES.index("degraded")])
    for finding in findings:
        if finding.severity != "note":
            bad |= keys.among(sessions.id, finding.sessions)
    return bad
