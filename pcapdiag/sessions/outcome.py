"""How a session ended for its user: ok, failed, degraded, or not to be told from these frames.

Only what the frames show counts: a front that is silent because the capture ended is undetermined.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pcapdiag.flows.legs import Legs
from pcapdiag.flows.table import HANDSHAKES

PATIENCE_NS = 3_000_000_000
"""An unanswered packet followed by less capture than this is undetermined.

Above the first retransmission timers of common stacks (1 s, RFC 6298 2.1), below user patience.
"""

STUCK = 3
"""A segment sent this often without an acknowledgement stopped its stream."""

NOT_SEEN, UNANSWERED, REFUSED, PARTIAL, COMPLETE = range(len(HANDSHAKES))


@dataclass(frozen=True)
class Ends:
    """The facts that outcomes rest on: a list each, one entry a leg.

    Lists, not arrays: they are read one by one, session after session.
    """

    refused: list[bool]
    unanswered: list[bool]
    """SYNs without an answer, and enough capture after the last one."""
    rejected: list[bool]
    """An ICMP error quoted it before anything answered."""
    abandoned: list[bool]
    """The initiator answered the SYN-ACK with RST: it never asked there (or changed its mind)."""
    pending: list[bool]
    """SYNs without an answer, but the capture ends too early to say."""
    complete: list[bool]
    """The handshake was seen to complete."""
    stuck: list[bool]
    """A segment was repeated to the end without an acknowledgement."""
    served: list[bool]
    """The responder sent payload."""
    asked: list[bool]
    """The initiator sent payload."""
    acknowledged: list[bool]
    """The initiator acknowledged something: there were answers, wherever they passed."""
    reset_by_initiator: list[bool]
    reset_by_responder: list[bool]
    ended_by_responder: list[bool]
    """The responder's FIN or RST came first."""
    left_open: list[bool]
    """No FIN, no RST, and PATIENCE_NS of capture after the leg's last packet."""


def ends(legs: Legs, capture_end_ns: int) -> Ends:
    """Read the facts off the flow table."""
    handshake = legs.column("handshake")
    one_sided = (handshake == UNANSWERED) & (legs.column("packets", 1) <= 0)
    left = capture_end_ns - np.maximum(legs.column("last_syn_ns"), legs.column("syn_ns"))
    waited = (left >= PATIENCE_NS) | (legs.column("syn_count") >= 3)
    rejected = legs.icmp_errors > 0
    finish = legs.flow["fin_ns"].astype(np.int64)
    reset = legs.flow["reset_ns"].astype(np.int64)
    far = np.iinfo(np.int64).max
    ended = np.minimum(np.where(finish < 0, far, finish), np.where(reset < 0, far, reset))
    quiet = capture_end_ns - legs.column("last_ns") >= PATIENCE_NS
    resets = legs.flow["resets"]
    return Ends(
        refused=(handshake == REFUSED).tolist(),
        unanswered=(one_sided & waited).tolist(),
        rejected=(one_sided & rejected).tolist(),
        abandoned=(
            (handshake == PARTIAL) & (resets[:, 0] > 0) & (legs.flow["bytes"].sum(axis=1) == 0)
        ).tolist(),
        pending=(one_sided & ~waited & ~rejected).tolist(),
        complete=(handshake == COMPLETE).tolist(),
        stuck=np.any(legs.flow["stuck_count"] >= STUCK, axis=1).tolist(),
        served=(legs.column("bytes", 1) > 0).tolist(),
        asked=(legs.column("bytes", 0) > 0).tolist(),
        acknowledged=(legs.column("highest_ack", 0) >= 0).tolist(),
        reset_by_initiator=(resets[:, 0] > 0).tolist(),
        reset_by_responder=(resets[:, 1] > 0).tolist(),
        ended_by_responder=(ended[:, 1] < ended[:, 0]).tolist(),
        left_open=(quiet & (ended.min(axis=1) == far)).tolist(),
    )


def outcome(
    facts: Ends, front: int, backs: Sequence[int], mode: str, status: int | None = None
) -> str:
    """Return one of OUTCOMES for a session.

    `front` is -1 when it was not captured; `status` is the HTTP status of a reply the balancer gave by
    itself, None when there was none or it was not HTTP.
    """
    if mode == "dsr":
        return _one_way(facts, front)
    if front >= 0 and _never_began(facts, front) and not facts.abandoned[front]:
        return "failed"
    if front >= 0 and facts.pending[front]:
        return "undetermined"
    if not backs:
        return _alone(facts, front, status)
    gave_up = front >= 0 and facts.ended_by_responder[front] and not facts.served[front]
    if any(facts.pending[b] for b in backs) and not any(facts.served[b] for b in backs):
        # The balancer closed the front without a byte: for the user it is over, whatever comes.
        return "failed" if gave_up else "undetermined"
    bad = [_never_began(facts, b) for b in backs]
    if all(bad):
        return "failed"
    if any(facts.stuck[b] for b in backs) or (front >= 0 and facts.stuck[front]):
        return "failed"
    if front >= 0 and _cut_off(facts, front, backs):
        return "failed"
    return "degraded" if any(bad) else "ok"


def _never_began(facts: Ends, leg: int) -> bool:
    tried = facts.refused[leg] or facts.unanswered[leg] or facts.rejected[leg]
    return tried or facts.abandoned[leg]


def _one_way(facts: Ends, front: int) -> str:
    """Direct server return: answers pass elsewhere, the client's acknowledgements tell of them."""
    if facts.acknowledged[front] or facts.asked[front]:
        return "failed" if facts.stuck[front] else "ok"
    if facts.reset_by_initiator[front]:
        return "undetermined"
    return "failed" if facts.unanswered[front] else "undetermined"


def _alone(facts: Ends, front: int, status: int | None) -> str:
    """A front without a back: the balancer answered, closed, or kept silent."""
    if facts.served[front]:
        return "failed" if facts.stuck[front] or (status or 0) >= 500 else "ok"
    if not facts.complete[front]:
        return "undetermined"
    if facts.ended_by_responder[front]:
        return "failed"
    return "failed" if facts.left_open[front] and facts.asked[front] else "undetermined"


def _cut_off(facts: Ends, front: int, backs: Sequence[int]) -> bool:
    """The client asked, no answer came, and the balancer or a server ended it by RST."""
    if facts.served[front] or not facts.asked[front]:
        return False
    return facts.reset_by_responder[front] or any(facts.reset_by_responder[b] for b in backs)
