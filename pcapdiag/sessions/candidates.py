"""Pairs of legs worth a look: each kind of evidence proposes pairs, nothing is judged here.

A pair is (front, back), both positions in :class:`Legs`.  Every proposal is bounded by
the number of legs times a small constant, so that twenty thousand concurrent sessions stay cheap.
"""

from collections.abc import Sequence

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Ints, Legs
from pcapdiag.flows.table import PREFIX_LENGTHS

LARGEST_GROUP = 12
"""Legs that share a content beyond this many say little (a common banner): time decides there."""

NEIGHBORS_IN_TIME = 10
"""How many of the latest triggers before a back's SYN are looked at."""


def join(key: Ints, fronts: Ints, backs: Ints, largest: int = LARGEST_GROUP) -> tuple[Ints, Ints]:
    """Return all (front, back) with equal keys, small numbers (see :func:`codes`); -1 joins nothing.

    Groups with more than `largest` fronts or backs are left out.
    """
    size = int(key.max(initial=-1)) + 1
    fronts, backs = fronts[key[fronts] >= 0], backs[key[backs] >= 0]
    front_count = np.bincount(key[fronts], minlength=size)
    back_count = np.bincount(key[backs], minlength=size)
    # Most keys are shared by nobody or by everybody: what is left is little.
    fits = (front_count > 0) & (front_count <= largest) & (back_count <= largest)
    backs = backs[fits[key[backs]]]
    fronts = fronts[fits[key[fronts]]]
    fronts = fronts[keys.order(key[fronts])]
    # Ordered by key they lie where the counts of smaller keys say.
    kept = np.where(fits, front_count, 0)
    start = (np.cumsum(kept) - kept)[key[backs]]
    count = front_count[key[backs]]
    back = np.repeat(backs, count)
    offset = np.arange(len(back)) - np.repeat(np.cumsum(count) - count, count)
    return fronts[np.repeat(start, count) + offset], back


def codes(key: Ints) -> Ints:
    """Return small numbers, equal where the keys are; -1 for keys below 0."""
    known = key >= 0
    code = np.full(len(key), -1, np.int64)
    code[known] = keys.numbers(key[known])
    return code


def content_keys(legs: Legs) -> list[Ints]:
    """Return one array of codes a kind of equal content, deepest first; -1 where a leg has too little.

    A stream's whole beginning when it is shorter than the deepest checkpoint, else each checkpoint;
    both directions.  Length and direction are part of the key.
    """
    found = []
    for direction in (0, 1):
        length = legs.column("prefix_length", direction)
        end = legs.column("prefix_end", direction)
        short = (length > 0) & (length < PREFIX_LENGTHS[-1])
        found.append(np.where(short, length << 32 | end, -1))
        for level in range(len(PREFIX_LENGTHS) - 1, -1, -1):
            reached = length >= PREFIX_LENGTHS[level]
            checksum = legs.flow["prefix"][:, direction, level].astype(np.int64)
            found.append(np.where(reached, PREFIX_LENGTHS[level] << 32 | checksum, -1))
        line, line_length = legs.column("line", direction), legs.column("line_length", direction)
        found.append(np.where((line >= 0) & (line_length >= 8), line_length << 32 | line, -1))
    return [codes(key) for key in found]


def by_content(content: Sequence[Ints], fronts: Ints, backs: Ints) -> tuple[Ints, Ints]:
    """Propose legs whose streams begin alike; `content` as :func:`content_keys` gives it."""
    pairs = [join(key, fronts, backs) for key in content]
    return _together(pairs)


def among(front: Ints, back: Ints, fronts: Ints, backs: Ints) -> tuple[Ints, Ints]:
    """Propose those of the given pairs whose legs may be front and back."""
    may = keys.among(front, fronts) & keys.among(back, backs)
    return front[may], back[may]


def by_client(
    legs: Legs, fronts: Ints, backs: Ints, nearest: int = NEIGHBORS_IN_TIME
) -> tuple[Ints, Ints]:
    """Propose a back with the client's own address to that client's latest fronts."""
    # One sortable number a leg: the address, then which came sooner.
    begun = legs.source << 32 | keys.numbers(legs.column("first_ns"))
    fronts = fronts[keys.order(begun[fronts])]
    place = keys.places(begun[fronts], begun[backs], "right")
    found: list[tuple[Ints, Ints]] = []
    for step in range(1, nearest + 1):
        at = place - step
        fits = at >= 0
        chosen = fronts[at[fits]]
        same = legs.source[chosen] == legs.source[backs[fits]]
        found.append((chosen[same], backs[fits][same]))
    return _together(found)


def by_time(trigger_ns: Ints, trigger_leg: Ints, legs: Legs, backs: Ints) -> tuple[Ints, Ints]:
    """Propose, for each back, the fronts of the latest triggers before its first packet.

    `trigger_ns` ascends; `trigger_leg` is the front a trigger belongs to.
    """
    place = np.searchsorted(trigger_ns, legs.column("first_ns")[backs], "right")
    found: list[tuple[Ints, Ints]] = []
    for step in range(1, NEIGHBORS_IN_TIME + 1):
        at = place - step
        fits = at >= 0
        found.append((trigger_leg[at[fits]], backs[fits]))
    return _together(found)


def _together(pairs: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """Return the union of proposals, each pair once, ordered."""
    front = np.concatenate([f for f, _ in pairs]) if pairs else np.empty(0, np.int64)
    back = np.concatenate([b for _, b in pairs]) if pairs else np.empty(0, np.int64)
    return once(front, back)


def once(front: Ints, back: Ints) -> tuple[Ints, Ints]:
    """Return each pair once, ordered by back, then front."""
    both = keys.distinct(back.astype(np.int64) << 32 | front.astype(np.int64))
    return both & 0xFFFFFFFF, both >> 32
