"""From pairs to sessions: in order of their first frame, with mode and outcome."""

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.sessions.mode import modes, modes_of_hops
from pcapdiag.sessions.model import MODES, ONE_WAY, Sessions
from pcapdiag.sessions.outcome import Group, ends, outcomes
from pcapdiag.sessions.pairs import TWO_HOPS, Pairs


def sessions_of(pairs: Pairs, capture_end_ns: int) -> Sessions:
    """Return the sessions of one file in order of their first frame, numbered from 1.

    Three kinds: fronts with their backs, fronts alone, and backs that nobody asked for (health
    checks, pools, or fronts not captured).
    """
    legs = pairs.legs
    lone = keys.without(pairs.fronts, pairs.front)
    loose = keys.without(pairs.backs, pairs.back)
    carried = keys.distinct(pairs.front)
    # The leg that each session begins with; a session's place among them is its owner number.
    first = np.concatenate([carried, lone, loose])
    order = keys.order(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    owner = np.concatenate(
        [place[np.searchsorted(carried, pairs.front)], place[len(carried) + len(lone) :]]
    )
    back = np.concatenate([pairs.back, loose])
    by_owner = keys.order(owner, back)
    evidence = np.concatenate([pairs.evidence, np.full(len(loose), len(pairs.kinds))])[by_owner]
    has_front = order < len(carried) + len(lone)
    group = Group(
        front=np.where(has_front, first[order], -1), owner=owner[by_owner], back=back[by_owner]
    )
    found = ends(legs, capture_end_ns)
    kinds = (*pairs.kinds, ())
    mode = _modes(pairs, group, evidence == kinds.index(TWO_HOPS), found.served)
    one_way = keys.among(mode, [MODES.index(word) for word in ONE_WAY])
    health_check = ~has_front & pairs.health_checks[first[order]]
    confidence = np.concatenate([pairs.confidence, np.zeros(len(loose))])
    return Sessions(
        id=np.arange(1, len(first) + 1),
        front=np.where(has_front, legs.record[first[order]], -1),
        mode=mode,
        outcome=outcomes(found, group, one_way, health_check),
        health_check=health_check,
        owner=group.owner,
        back=legs.record[group.back],
        confidence=confidence[by_owner],
        evidence=evidence,
        kinds=kinds,
    )


def _modes(pairs: Pairs, group: Group, two_hops: Bools, served: Bools) -> Ints:
    """Return one index into MODES a session: that of the back that served, else of the last tried."""
    legs = pairs.legs
    front = group.front[group.owner]
    of_pair = modes(legs, front, group.back)
    of_pair[two_hops] = modes_of_hops(legs, front[two_hops], group.back[two_hops])
    own = keys.among(legs.source[group.back], pairs.roles.self_addresses)
    alone = np.where(own, MODES.index("snat"), MODES.index("unknown"))
    of_pair = np.where(front < 0, alone, of_pair)
    found = np.full(len(group.front), MODES.index("none"))
    # Later writes win: the last back, over it the first that served.
    found[group.owner] = of_pair
    serving = np.flatnonzero(served[group.back])[::-1]
    found[group.owner[serving]] = of_pair[serving]
    return found
