"""How a session ended for its user: ok, failed, degraded, or not to be told from these frames.

Only what the frames show counts: a front that is silent because the capture ended is undetermined.
"""

from dataclasses import dataclass

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints, Legs
from pcapdiag.flows.table import HANDSHAKES, NEVER
from pcapdiag.sessions.broken import Broken, broken
from pcapdiag.sessions.model import OUTCOMES

PATIENCE_NS = 3_000_000_000
"""An unanswered packet followed by less capture than this is undetermined.

Above the first retransmission timers of common stacks (1 s, RFC 6298 2.1), below user patience.
"""

STUCK = 3
"""A segment sent this often without an acknowledgement stopped its stream."""

OK, FAILED, DEGRADED, UNDETERMINED = range(len(OUTCOMES))
NOT_SEEN, UNANSWERED, REFUSED, PARTIAL, COMPLETE = range(len(HANDSHAKES))


@dataclass(frozen=True)
class Ends:
    """The facts that outcomes rest on, one entry a leg."""

    refused: Bools
    unanswered: Bools
    """SYNs without an answer, and enough capture after the last one."""
    rejected: Bools
    """An ICMP error quoted it before anything answered."""
    abandoned: Bools
    """The initiator answered the SYN-ACK with RST: it never asked there (or changed its mind)."""
    pending: Bools
    """SYNs without an answer, but the capture ends too early to say."""
    complete: Bools
    """The handshake was seen to complete."""
    stuck: Bools
    """A segment was repeated to the end without an acknowledgement."""
    served: Bools
    """The responder sent payload, captured or acknowledged."""
    asked: Bools
    """The initiator did."""
    answered: Bools
    """The responder sent a SYN-ACK."""
    acknowledged: Bools
    """The initiator acknowledged something: there were answers, wherever they passed."""
    reset_by_initiator: Bools
    reset_by_responder: Bools
    ended_by_responder: Bools
    """The responder's FIN or RST came first."""
    ended_by_initiator: Bools
    """The initiator's did."""
    left_open: Bools
    """No FIN, no RST, and PATIENCE_NS of capture after the leg's last packet."""
    ungreeted: Bools
    """The initiator waited for the greeting that others get there, and left without it."""
    thrown_out: Bools
    """The responder took the connection, and reset it before anybody had said a word."""
    late: Bools
    """The handshake took PATIENCE_NS from the first SYN on."""
    broken: Broken
    """Answered with an error, or broken off."""

    @property
    def never_began(self) -> Bools:
        """Nobody was served there, and it was not for want of capture."""
        return self.refused | self.unanswered | self.rejected | self.abandoned


@dataclass(frozen=True)
class Group:
    """Which legs make which session."""

    front: Ints
    """One entry a session; -1: not captured."""
    owner: Ints
    """One entry a back: the position of its session in `front`, ascending."""
    back: Ints
    """One entry a back."""

    def count(self, which: Bools) -> Ints:
        """Count each session's backs among these legs."""
        found: Ints = np.bincount(self.owner[which[self.back]], minlength=len(self.front))
        return found

    def of_front(self, which: Bools) -> Bools:
        """Return for each session whether its front is among these legs."""
        # The entry behind the last leg is that of fronts not captured.
        return np.append(which, False)[self.front]


def ends(legs: Legs, capture_end_ns: int) -> Ends:
    """Read the facts off the flow table."""
    handshake = legs.column("handshake")
    one_sided = (handshake == UNANSWERED) & (legs.column("packets", 1) <= 0)
    left = capture_end_ns - np.maximum(legs.column("last_syn_ns"), legs.column("syn_ns"))
    waited = (left >= PATIENCE_NS) | (legs.column("syn_count") >= 3)
    rejected = legs.icmp_errors > 0
    ended = legs.flow.end_ns
    ended_by_responder = ended[:, 1] < ended[:, 0]
    quiet = capture_end_ns - legs.column("last_ns") >= PATIENCE_NS
    resets = legs.flow["resets"]
    return Ends(
        refused=(handshake == REFUSED),
        unanswered=(one_sided & waited),
        rejected=(one_sided & rejected),
        abandoned=(
            (handshake == PARTIAL) & (resets[:, 0] > 0) & (legs.flow["bytes"].sum(axis=1) == 0)
        ),
        pending=(one_sided & ~waited & ~rejected),
        complete=(handshake == COMPLETE),
        stuck=np.any(legs.flow["stuck_count"] >= STUCK, axis=1),
        served=legs.flow.served,
        asked=legs.flow.spoke[:, 0],
        answered=(legs.column("syn_ack_count") > 0),
        acknowledged=(legs.column("highest_ack", 0) >= 0),
        reset_by_initiator=(resets[:, 0] > 0),
        reset_by_responder=(resets[:, 1] > 0),
        ended_by_responder=ended_by_responder,
        ended_by_initiator=(ended[:, 0] < ended[:, 1]),
        left_open=(quiet & (ended.min(axis=1) == NEVER)),
        ungreeted=_ungreeted(legs),
        thrown_out=(
            (handshake == COMPLETE)
            & ended_by_responder
            & (resets[:, 1] > 0)
            & (legs.column("fin_ns", 1) < 0)
            & ~legs.flow.spoke.any(axis=1)
        ),
        late=(legs.column("handshake_ns") - legs.column("syn_ns") >= PATIENCE_NS),
        broken=broken(legs, ended_by_responder),
    )


def _ungreeted(legs: Legs) -> Bools:
    """Return which waited PATIENCE_NS for a greeting and left, where most others are spoken to first."""
    first = legs.flow["first_data_ns"]
    served = legs.flow.served
    greeted = served & (first[:, 1] >= 0) & ((first[:, 0] < 0) | (first[:, 1] < first[:, 0]))
    service = keys.numbers(legs.endpoint)
    usual = 2 * np.bincount(service[greeted], minlength=len(legs)) > np.bincount(
        service[served], minlength=len(legs)
    )
    taken, left = legs.column("handshake_ns"), legs.flow.end_ns[:, 0]
    waited = (taken >= 0) & (left < NEVER) & (left - taken >= PATIENCE_NS)
    found: Bools = waited & usual[service] & ~served & ~legs.flow.spoke[:, 0]
    return found


def outcomes(facts: Ends, group: Group, one_way: Bools, health_check: Bools) -> Ints:
    """Return an index into OUTCOMES for each session; `one_way` are those under direct server return."""
    front = group.of_front
    served, asked = front(facts.served), front(facts.asked)
    backs = np.bincount(group.owner, minlength=len(group.front))
    bad = group.count(facts.never_began)
    waits = (group.count(facts.pending) > 0) & (group.count(facts.served) == 0)
    # The balancer closed the front without a byte: for the user it is over, whatever comes.
    gave_up = front(facts.ended_by_responder) & ~served
    reset = front(facts.reset_by_responder) | (group.count(facts.reset_by_responder) > 0)
    # A check of the port alone ends by RST once the SYN-ACK came (HAProxy tcp-check).
    answered = health_check & (group.count(facts.abandoned & facts.answered) == backs)
    begun = facts.complete | facts.served
    opened = np.where(group.front >= 0, front(begun), group.count(begun))
    # The first that holds decides.
    cases: list[tuple[Bools, Ints | int]] = [
        (one_way, _one_way(facts, group)),
        (front(facts.never_began & ~facts.abandoned), FAILED),
        (front(facts.pending), UNDETERMINED),
        (_broken(facts, group), FAILED),
        (backs == 0, _alone(facts, group)),
        (answered, OK),
        (waits & gave_up, FAILED),
        (waits, UNDETERMINED),
        (bad == backs, FAILED),
        ((group.count(facts.stuck) > 0) | front(facts.stuck), FAILED),
        # The client asked, no answer came, and the balancer or a server ended it.
        (asked & ~served & (reset | gave_up), FAILED),
        (gave_up & (group.count(facts.thrown_out) == backs), FAILED),
        (front(facts.ungreeted), FAILED),
        (front(facts.broken.doubtful), UNDETERMINED),
        ((bad > 0) | front(facts.late) | (group.count(facts.late) > 0), DEGRADED),
        # The client got not a byte: no answer, unless it came to look who listens and left.
        (
            front(facts.answered) & ~served & (asked | ~front(facts.ended_by_initiator)),
            UNDETERMINED,
        ),
        # Neither a handshake nor a reply was seen to the end.
        (opened == 0, UNDETERMINED),
    ]
    return np.select([case for case, _ in cases], [result for _, result in cases], OK)


def failed_alone(legs: Legs, capture_end_ns: int) -> Bools:
    """Return which legs failed for whoever called, were each a session without a back."""
    count = len(legs)
    none, never = np.empty(0, np.int64), np.zeros(count, np.bool_)
    group = Group(front=np.arange(count), owner=none, back=none)
    found: Bools = outcomes(ends(legs, capture_end_ns), group, never, never) == FAILED
    return found


def _one_way(facts: Ends, group: Group) -> Ints:
    """Direct server return: answers pass elsewhere, the client's acknowledgements tell of them."""
    alive = facts.acknowledged | facts.asked
    gone = ~alive & (facts.reset_by_initiator | ~facts.unanswered)
    failed = ~gone & (~alive | facts.stuck)
    cases = [group.of_front(gone), group.of_front(failed)]
    return np.select(cases, [UNDETERMINED, FAILED], OK)


def _alone(facts: Ends, group: Group) -> Ints:
    """A front without a back: the balancer answered, closed, or kept silent."""
    silent = facts.complete & (facts.ended_by_responder | (facts.left_open & facts.asked))
    failed = (facts.served & facts.stuck) | (~facts.served & silent) | facts.ungreeted
    doubtful = facts.broken.doubtful
    cases = [failed, doubtful, facts.served & facts.late, facts.served]
    found = [FAILED, UNDETERMINED, DEGRADED, OK]
    return np.select([group.of_front(case) for case in cases], found, UNDETERMINED)


def _broken(facts: Ends, group: Group) -> Bools:
    """Return which sessions were answered with an error, or broken off.

    The front tells; where it is encrypted or missing, a back in the clear does that is no other session's.
    """
    once = np.bincount(group.back, minlength=len(facts.served)) == 1
    hidden = ~group.of_front(facts.broken.in_clear)
    behind: Bools = hidden & (group.count(facts.broken.in_http & once) > 0)
    return group.of_front(facts.broken.proved) | behind
