"""Which sessions stand for all in the pictures: one that fails, one that works."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.events import NEIGHBOR_KINDS
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.report.model import Finding
from pcapdiag.sessions.model import OUTCOMES, Session, Sessions

ASKING: Final = tuple(
    NEIGHBOR_KINDS.index(kind) for kind in ("arp-request", "neighbor-solicitation")
)
_OK, _FAILED, _DEGRADED = map(OUTCOMES.index, ("ok", "failed", "degraded"))


def failing(
    traffic: Traffic, sessions: Sessions, finding: Finding | None, files: Sequence[str]
) -> Session | None:
    """Choose a session of the leading finding: best the one whose frames the finding cites."""
    chosen = keys.among(sessions.outcome, (_FAILED, _DEGRADED))
    if finding is not None and finding.sessions:
        named = keys.among(sessions.id, finding.sessions)
        chosen = named & chosen if (named & chosen).any() else named
    wrong = sessions.at(np.flatnonzero(chosen))
    if not len(wrong):
        return None
    cited = {(frame.file, frame.number) for frame in finding.frames} if finding else set()
    at = _asked_about(traffic, wrong, cited, files)
    if at is None:
        shown = np.flatnonzero(_holds(traffic, wrong, cited, files))
        at = int(shown[0]) if len(shown) else 0
    return wrong[at]


def working(traffic: Traffic, sessions: Sessions, beside: Session | None) -> Session | None:
    """Choose a session that worked, best to the same service as one beside it, and with both legs."""
    good = (sessions.outcome == _OK) & (sessions.front >= 0)
    if beside is not None and beside.front >= 0:
        same = good & _to_service(traffic, sessions.front, beside.front)
        good = same if same.any() else good
    whole = good & (sessions.back_count > 0)
    found = np.flatnonzero(whole if whole.any() else good)
    return sessions[int(found[0])] if len(found) else None


def _asked_about(
    traffic: Traffic, sessions: Sessions, cited: set[tuple[str, int]], files: Sequence[str]
) -> int | None:
    """Return the session whose server asked for its next hop in a cited frame: the latest before it."""
    rows = traffic.neighbors
    frames = [number for _, number in cited]
    first_ns = traffic.flows["first_ns"][sessions.back]
    version = traffic.flows["ip_version"][sessions.back]
    server = traffic.flows["address"][sessions.back, 1]
    for row in rows[keys.among(rows["kind"], ASKING) & keys.among(rows["frame"], frames)]:
        if (files[int(row["file"])], int(row["frame"])) not in cited:
            continue
        its_own = (server == row["sender"]).all(axis=1) & (version == row["ip_version"])
        back = np.flatnonzero(its_own & (first_ns <= row["time_ns"]))
        if len(back):
            owner = sessions.owner[back]
            return int(owner[np.lexsort((-sessions.id[owner], first_ns[back]))[-1]])
    return None


def _holds(
    traffic: Traffic, sessions: Sessions, cited: set[tuple[str, int]], files: Sequence[str]
) -> Bools:
    """Return in which sessions a cited frame lies: within the front, or the first back without one."""
    flows = traffic.flows
    own = sessions.front.copy()
    own[own < 0] = sessions.back[sessions.first_back[own < 0]]
    holds = np.zeros(len(sessions), np.bool_)
    for name, frame in cited:
        here = [number for number, file in enumerate(files) if file == name]
        inside = (flows["first_frame"][own] <= frame) & (frame <= flows["last_frame"][own])
        holds |= keys.among(flows["file"][own], here) & inside
    return holds


def _to_service(traffic: Traffic, fronts: Ints, record: int) -> Bools:
    """Return which fronts go where the record goes."""
    address, port = traffic.flows["address"][:, 1], traffic.flows["port"][:, 1]
    same: Bools = (address[fronts] == address[record]).all(axis=1) & (port[fronts] == port[record])
    return same
