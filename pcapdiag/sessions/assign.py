"""Solve the pairing: each back to at most one front, the likeliest whole.

Source: the linear assignment problem (Crouse 2016, as in scipy.optimize.linear_sum_assignment).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.sessions.evidence import Floats

NOBODY: Final = 2.5
"""Log-likelihood ratio that a pair must exceed: the back may belong to a front not captured."""

PRUNE: Final = 8.0
"""A candidate this much worse than the best of both its legs cannot win."""

LARGEST_PROBLEM: Final = 600
"""Legs a side in one dense problem; larger knots are solved best first."""


@dataclass(frozen=True)
class Assignment:
    """Chosen pairs, one entry each."""

    taken: Ints
    """Position in the proposals."""
    confidence: Floats
    """0..1: against the best alternative for either leg, nobody included."""


def assign(front: Ints, back: Ints, weight: Floats) -> Assignment:
    """Choose pairs so that each leg is used once and the sum of weights above NOBODY is largest."""
    good = np.flatnonzero(weight > NOBODY)
    if not len(good):
        return Assignment(np.empty(0, np.int64), np.empty(0))
    good = good[_promising(front[good], back[good], weight[good])]
    f, b = front[good], back[good]
    alone = (_count(f) == 1) & (_count(b) == 1)
    knots = good[~alone]
    solved = [
        knots[knot][_solve(front[knots[knot]], back[knots[knot]], weight[knots[knot]])]
        for knot in _components(front[knots], back[knots])
    ]
    chosen = [good[alone], *solved]
    pair = np.sort(np.concatenate(chosen))
    return Assignment(pair, _confidence(front, back, weight, pair))


def _count(legs: Ints) -> Ints:
    """Return how often each entry's value occurs."""
    return np.bincount(legs)[legs]


def _best(legs: Ints, weight: Floats) -> Floats:
    """Return the largest weight among the entries with the same leg."""
    best = np.full(int(legs.max()) + 1, -np.inf)
    np.maximum.at(best, legs, weight)
    return best[legs]


def _promising(front: Ints, back: Ints, weight: Floats) -> Bools:
    """Return which proposals are near the best of at least one of their legs."""
    near: Bools = (weight > _best(front, weight) - PRUNE) & (weight > _best(back, weight) - PRUNE)
    return near


def _components(front: Ints, back: Ints) -> list[Ints]:
    """Return the connected knots of proposals, as arrays of positions."""
    if not len(front):
        return []
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    fronts, f = np.unique(front, return_inverse=True)
    backs, b = np.unique(back, return_inverse=True)
    size = len(fronts) + len(backs)
    graph = coo_array((np.ones(len(f)), (f, b + len(fronts))), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    of_pair = label[f]
    order = np.argsort(of_pair, kind="stable")
    cuts = np.flatnonzero(np.diff(of_pair[order])) + 1
    return list(np.split(order, cuts))


def _solve(front: Ints, back: Ints, weight: Floats) -> Ints:
    """Return the positions of the chosen proposals of one knot."""
    fronts, f = np.unique(front, return_inverse=True)
    backs, b = np.unique(back, return_inverse=True)
    if max(len(fronts), len(backs)) > LARGEST_PROBLEM:
        return _best_first(f, b, weight)
    from scipy.optimize import linear_sum_assignment

    # Gains above NOBODY, and a private nobody for each front: staying alone gains nothing.
    gain = np.zeros((len(fronts), len(backs) + len(fronts)))
    gain[f, b] = weight - NOBODY
    position = np.full(gain.shape, -1, np.int64)
    position[f, b] = np.arange(len(f))
    rows, columns = linear_sum_assignment(gain, maximize=True)
    taken = position[rows, columns]
    taken = taken[taken >= 0]
    solved: Ints = taken[weight[taken] > NOBODY]
    return solved


def _best_first(f: Ints, b: Ints, weight: Floats) -> Ints:
    """Take the heaviest pair whose legs are both free, again and again."""
    used_front, used_back = set[int](), set[int]()
    taken: list[int] = []
    # Bounded by the proposals of one knot; only knots beyond LARGEST_PROBLEM come here.
    for at in np.argsort(-weight, kind="stable").tolist():
        if int(f[at]) not in used_front and int(b[at]) not in used_back:
            used_front.add(int(f[at]))
            used_back.add(int(b[at]))
            taken.append(at)
    return np.array(taken, np.int64)


def _confidence(front: Ints, back: Ints, weight: Floats, pair: Ints) -> Floats:
    """Return for each chosen pair its odds against the best alternative, as a probability.

    The alternatives: nobody, and for each proposal not chosen the exchange it would bring about
    (its two legs together, their partners together or alone).
    """
    front_pair = _partner(front, front[pair], pair)
    back_pair = _partner(back, back[pair], pair)
    rest = np.ones(len(front), np.bool_)
    rest[pair] = False
    left = np.flatnonzero(rest & ((front_pair >= 0) | (back_pair >= 0)))
    one, two = front_pair[left], back_pair[left]
    now = np.where(one >= 0, weight[one], NOBODY) + np.where(two >= 0, weight[two], NOBODY)
    both = (one >= 0) & (two >= 0)
    swap = np.full(len(left), NOBODY)
    swap[both] = np.maximum(
        _weight_of(front, back, weight, front[two[both]], back[one[both]]), NOBODY
    )
    loss = now - (weight[left] + swap)
    margin = np.full(len(front), np.inf)
    margin[pair] = weight[pair] - NOBODY
    for side in (one, two):
        np.minimum.at(margin, side[side >= 0], loss[side >= 0])
    confidence: Floats = 1.0 / (1.0 + np.exp(-np.clip(margin[pair], -30.0, 30.0)))
    return confidence


def _partner(legs: Ints, chosen: Ints, pair: Ints) -> Ints:
    """Return, for each entry, the chosen pair of its leg; -1: the leg stayed alone."""
    partner = np.full(int(legs.max(initial=-1)) + 1, -1, np.int64)
    partner[chosen] = pair
    return partner[legs]


def _weight_of(front: Ints, back: Ints, weight: Floats, f: Ints, b: Ints) -> Floats:
    """Return the weight of the proposals (f, b); -inf where there is none."""
    width = int(max(front.max(initial=0), f.max(initial=0))) + 1
    key, wanted = back * width + front, b * width + f
    order = keys.order(key)
    at = np.minimum(keys.places(key[order], wanted), len(key) - 1)
    found = key[order][at] == wanted
    return np.where(found, weight[order][at], -np.inf)
