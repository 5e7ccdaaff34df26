"""How a session ended for its user: ok, failed, degraded, or not to be told from these frames.

Only what the frames show counts: a front that is silent because the capture ended is undetermined.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pcapdiag.flows.legs import Bools, Ints, Legs
from pcapdiag.flows.table import CLOSES, HANDSHAKES

PATIENCE_NS = 3_000_000_000
"""An unanswered packet followed by less capture than this is undetermined.

Above the first retransmission timers of common stacks (1 s, RFC 6298 2.1), below user patience.
"""

STUCK = 3
"""A segment sent this often without an acknowledgement stopped its stream."""

NOT_SEEN, UNANSWERED, REFUSED, PARTIAL, COMPLETE = range(len(HANDSHAKES))


@dataclass(frozen=True)
class Ends:
    """Per leg, one entry each: the facts that outcomes rest on."""

    refused: Bools
    unanswered: Bools
    """SYNs without an answer, and enough capture after the last one."""
    pending: Bools
    """SYNs without an answer, but the capture ends too early to say."""
    stuck: Bools
    """A segment was repeated to the end without an acknowledgement."""
    served: Bools
    """The responder sent payload."""
    asked: Bools
    """The initiator sent payload."""
    ended_by_responder: Bools
    """The responder's FIN or RST came first."""
    open: Bools
    quiet_ns: Ints
    """Capture time left after the leg's last packet."""


def ends(legs: Legs, capture_end_ns: int) -> Ends:
    """Read the facts off the flow table."""
    handshake = legs.column("handshake")
    one_sided = (handshake == UNANSWERED) & (legs.column("packets", 1) <= 0)
    left = capture_end_ns - np.maximum(legs.column("last_syn_ns"), legs.column("syn_ns"))
    waited = (left >= PATIENCE_NS) | (legs.column("syn_count") >= 3)
    stuck: Bools = np.any(legs.flow["stuck_count"] >= STUCK, axis=1)
    finish = legs.flow["fin_ns"].astype(np.int64)
    reset = legs.flow["reset_ns"].astype(np.int64)
    far = np.iinfo(np.int64).max
    finish = np.minimum(np.where(finish < 0, far, finish), np.where(reset < 0, far, reset))
    return Ends(
        refused=handshake == REFUSED,
        unanswered=one_sided & waited,
        pending=one_sided & ~waited,
        stuck=stuck,
        served=legs.column("bytes", 1) > 0,
        asked=legs.column("bytes", 0) > 0,
        ended_by_responder=finish[:, 1] < finish[:, 0],
        open=(legs.column("close") == CLOSES.index("open")) & (finish.min(axis=1) == far),
        quiet_ns=capture_end_ns - legs.column("last_ns"),
    )


def outcome(
    legs: Legs, facts: Ends, front: int, backs: Sequence[int], mode: str, status: int | None
) -> str:
    """Return one of OUTCOMES for a session.

    `front` is -1 when it was not captured; `status` is the HTTP status of a reply the balancer gave by
    itself, None when there was none or it was not HTTP.
    """
    if mode == "dsr":
        return _one_way(legs, facts, front)
    if front >= 0 and (facts.refused[front] or facts.unanswered[front]):
        return "failed"
    if front >= 0 and facts.pending[front]:
        return "undetermined"
    if not backs:
        return _alone(legs, facts, front, status)
    bad = [bool(facts.refused[b] or facts.unanswered[b]) for b in backs]
    gave_up = front >= 0 and facts.ended_by_responder[front] and not facts.served[front]
    if any(facts.pending[b] for b in backs) and not any(facts.served[b] for b in backs):
        # The balancer closed the front without a byte: for the user it is over, whatever comes.
        return "failed" if gave_up else "undetermined"
    if all(bad):
        return "failed"
    parties = [*backs, front] if front >= 0 else list(backs)
    if any(facts.stuck[leg] for leg in parties):
        return "failed"
    if front >= 0 and _cut_off(legs, facts, front, backs):
        return "failed"
    return "degraded" if any(bad) else "ok"


def _one_way(legs: Legs, facts: Ends, front: int) -> str:
    """Direct server return: the answers pass elsewhere, the client's acknowledgements tell of them."""
    if legs.column("highest_ack", 0)[front] >= 0 or facts.asked[front]:
        return "failed" if facts.stuck[front] else "ok"
    if legs.column("resets", 0)[front] > 0:
        return "undetermined"
    return "failed" if facts.unanswered[front] else "undetermined"


def _alone(legs: Legs, facts: Ends, front: int, status: int | None) -> str:
    """A front without a back: the balancer answered, closed, or kept silent."""
    if facts.served[front]:
        if status is not None and status >= 500:
            return "failed"
        return "failed" if facts.stuck[front] else "ok"
    if legs.column("handshake")[front] != COMPLETE:
        return "undetermined"
    if facts.ended_by_responder[front]:
        return "failed"
    if facts.open[front] and facts.quiet_ns[front] >= PATIENCE_NS and facts.asked[front]:
        return "failed"
    return "undetermined"


def _cut_off(legs: Legs, facts: Ends, front: int, backs: Sequence[int]) -> bool:
    """The client asked, the server's answer never came, and the server or balancer ended it by RST."""
    if facts.served[front] or not facts.asked[front]:
        return False
    reset = legs.column("resets", 1)
    return bool(reset[front] > 0 or any(reset[b] > 0 for b in backs))
