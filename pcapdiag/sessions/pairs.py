"""Pair front and back flows: certain pairs first, the roles they show, then everybody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.legs import Bools, Ints, Legs, legs_of
from pcapdiag.flows.result import Traffic
from pcapdiag.sessions import candidates, certain, direct, retries
from pcapdiag.sessions.assign import assign
from pcapdiag.sessions.claimed import claimed_pairs
from pcapdiag.sessions.evidence import Floats, Scene, kinds
from pcapdiag.sessions.model import Evidence
from pcapdiag.sessions.triggers import triggers
from pcapdiag.settings import Settings
from pcapdiag.topology import health, roles, votes
from pcapdiag.topology.clients import claims

HEALTH_CHECK = -4.0
"""Weight of a back that keeps the beat of a health check: a pair needs more than a near moment."""

CERTAIN = 0.999
"""Confidence of the same flow seen on two hops."""

TWO_HOPS = ("same-flow-on-two-hops",)
"""The evidence of direct server return."""

ATTEMPT = ("attempt-before-or-after",)
"""The evidence of a back that failed beside the one that carried the session."""

MENTION = 1.0
"""Evidence weaker than this is not named in the report."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of one file, positions in `legs`, one entry a pair."""

    legs: Legs
    scene: Scene
    roles: roles.Roles
    fronts: Bools
    """Legs that are fronts."""
    backs: Bools
    """Legs that are backs."""
    health_checks: Bools
    """Backs that keep the beat of a health check, paired or not."""
    front: Ints
    back: Ints
    confidence: Floats
    evidence: Ints
    """Index into `kinds`."""
    kinds: tuple[Evidence, ...]


def pair_file(traffic: Traffic, file: int, settings: Settings) -> Pairs:
    """Pair the legs of one file."""
    legs = legs_of(traffic.flows, file)
    neighbors = traffic.neighbors[traffic.neighbors["file"] == file]
    hops = direct.hops_of(legs, claims(neighbors))
    isn = candidates.codes(legs.column("isn", 0))
    content = candidates.content_keys(legs)
    claimed = claimed_pairs(traffic, file, legs)
    seed_front, seed_back = certain.pairs(legs, isn, content, claimed)
    known = roles.from_pairs(
        legs,
        seed_front,
        seed_back,
        votes.count(legs.endpoint[seed_front], legs.endpoint[seed_back]),
    )
    if not known.found:
        known = roles.from_checks(legs)
    known = roles.with_direct_return(known, legs, hops.front, hops.back)
    known = roles.with_claims(known, legs, neighbors)
    known = roles.with_named(known, legs, settings)
    fronts, backs = roles.split(legs, known)
    fronts[hops.front], backs[hops.front] = True, False
    fronts[hops.back], backs[hops.back] = False, True
    fronts[roles.transit(legs, known, hops.into, hops.onward)] = False
    fronts &= ~hops.passing
    backs &= ~hops.passing
    health_checks = health.health_checks(legs, backs, known.self_addresses)
    if not len(seed_front):
        health_checks |= health.pool_checks(legs, backs, fronts)
    health_checks[claimed[1]] = False  # They are made for somebody.
    free = backs.copy()
    free[hops.back] = False
    scene = _scene(legs, fronts, free, known, traffic.events, len(traffic.flows), claimed)
    front, back, confidence, named, words = _solve(scene, health_checks, isn, content)
    more_front, more_back, more_confidence = retries.add_attempts(scene, front, back, health_checks)
    return Pairs(
        legs,
        scene,
        known,
        fronts,
        backs,
        health_checks,
        np.concatenate([hops.front, front, more_front]),
        np.concatenate([hops.back, back, more_back]),
        np.concatenate([np.full(len(hops.front), CERTAIN), confidence, more_confidence]),
        np.concatenate([np.full(len(hops.front), 0), named + 2, np.full(len(more_front), 1)]),
        (TWO_HOPS, ATTEMPT, *words),
    )


def _scene(
    legs: Legs,
    fronts: Bools,
    backs: Bools,
    known: roles.Roles,
    events: NDArray[Any],
    records: int,
    claimed: tuple[Ints, Ints],
) -> Scene:
    where = np.flatnonzero(fronts)
    when, owner = triggers(legs, where, events, records)
    first = legs.column("first_ns")[where]
    span = int(first.max() - first.min()) if len(first) > 1 else 0
    return Scene(
        legs=legs,
        fronts=where,
        backs=np.flatnonzero(backs),
        self_addresses=known.self_addresses,
        trigger_ns=when,
        trigger_leg=owner,
        rate=len(where) / max(span, 1_000_000_000),
        named_front=claimed[0],
        named_back=claimed[1],
    )


def _solve(
    scene: Scene, health_checks: Bools, isn: Ints, content: Sequence[Ints]
) -> tuple[Ints, Ints, Floats, Ints, tuple[Evidence, ...]]:
    """Propose, weigh and choose pairs.

    Returns fronts, backs, confidences, and evidence as indexes into the last value.
    """
    legs = scene.legs
    proposed = [
        candidates.by_content(content, scene.fronts, scene.backs),
        candidates.by_client(legs, scene.fronts, scene.backs),
        candidates.by_time(scene.trigger_ns, scene.trigger_leg, legs, scene.backs),
        candidates.join(isn, scene.fronts, scene.backs),
        candidates.among(scene.named_front, scene.named_back, scene.fronts, scene.backs),
    ]
    front, back = candidates.once(
        np.concatenate([f for f, _ in proposed]), np.concatenate([b for _, b in proposed])
    )
    possible = _possible(legs, front, back)
    front, back = front[possible], back[possible]
    weights = {name: weigh(scene, front, back) for name, weigh in kinds().items()}
    total = np.sum(list(weights.values()), axis=0) if len(front) else np.empty(0)
    total = total + np.where(health_checks[back], HEALTH_CHECK, 0.0)
    chosen = assign(front, back, total)
    named, words = _named(weights, chosen.taken)
    return front[chosen.taken], back[chosen.taken], chosen.confidence, named, words


def _possible(legs: Legs, front: Ints, back: Ints) -> Bools:
    """Return which pairs are not ruled out: a back neither starts before its front nor is its echo."""
    begin = legs.column("first_ns")
    fresh = legs.column("syn_ns")[back] >= 0
    early = fresh & (begin[back] < begin[front])
    possible: Bools = (legs.endpoint[front] != legs.endpoint[back]) & ~early
    return possible


def _named(weights: dict[str, Floats], pair: Ints) -> tuple[Ints, tuple[Evidence, ...]]:
    """Return the combinations of evidence that spoke for the chosen pairs, and which each has."""
    names = list(weights)
    if not len(pair):
        return np.empty(0, np.int64), ()
    table = np.column_stack([weights[name][pair] for name in names])
    order = np.argsort(-table, axis=1, kind="stable")
    # One number a combination, a digit a kind, strongest first; a few serve thousands of pairs.
    digit = (np.take_along_axis(table, order, axis=1) > MENTION) * (order + 1)
    base = len(names) + 1
    codes, which = np.unique(digit @ base ** np.arange(len(names))[::-1], return_inverse=True)
    rows = codes[:, None] // base ** np.arange(len(names))[::-1] % base
    words = tuple(tuple(names[n - 1] for n in row if n) for row in rows.tolist())
    return which.astype(np.int64), words
