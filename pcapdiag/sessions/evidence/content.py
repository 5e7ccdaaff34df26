"""Equal stream beginnings: what the client said is what the server heard, and back.

The rarer the content, the more it says: a banner that every session begins with weighs nothing.
"""

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints, Legs
from pcapdiag.flows.table import PREFIX_LENGTHS
from pcapdiag.sessions.evidence import Floats, Scene

AGREE: float = 1.5
"""Equal content of whatever rarity: the protocols agree at least."""
DISAGREE: float = -6.0
"""Streams that differ within the first bytes, where the balancer is known to pass streams on."""
LONGEST: float = 12.0
"""More than this no content is worth: generators and tests repeat themselves."""


def _deepest(legs: Legs, front: Ints, back: Ints, direction: int) -> tuple[Bools, Bools, Ints]:
    """Compare streams at the deepest point both have.

    Returns per pair: equal there, comparable at all, and the checksum compared (a key for rarity).
    """
    length = legs.column("prefix_length", direction)
    end = legs.column("prefix_end", direction)
    prefix = legs.flow["prefix"][:, direction, :].T.astype(np.int64, order="C")
    shorter = np.minimum(length[front], length[back])
    comparable = np.zeros(len(front), np.bool_)
    equal = np.zeros(len(front), np.bool_)
    key = np.full(len(front), -1, np.int64)
    for level, reach in enumerate(PREFIX_LENGTHS):
        here = shorter >= reach
        comparable |= here
        there = prefix[level][back]
        equal = np.where(here, prefix[level][front] == there, equal)
        key = np.where(here, reach << 32 | there, key)
    whole = (length[front] == length[back]) & (length[front] > 0)
    comparable |= whole
    equal = np.where(whole, end[front] == end[back], equal)
    key = np.where(whole, length[back] << 32 | end[back], key)
    return equal & comparable, comparable, key


def _lines(legs: Legs, front: Ints, back: Ints, direction: int) -> tuple[Bools, Ints]:
    """Compare first lines: they survive added headers.  Returns equality and a key for rarity."""
    line, length = legs.column("line", direction), legs.column("line_length", direction)
    equal = (line[front] >= 0) & (line[front] == line[back]) & (length[front] == length[back])
    return equal & (length[front] >= 4), length[back] << 32 | line[back]


def _rarity(scene: Scene, key: Ints, equal: Bools, front: Ints) -> Floats:
    """Return ln(fronts / fronts that share this content) for equal pairs, else 0."""
    content = keys.numbers(key[equal])
    owned = keys.distinct(content << 32 | front[equal])
    shared = np.bincount(owned >> 32)
    # Behind each front stands the chance of fronts not captured: never surer than one in 3 n.
    worth = np.clip(np.log((3.0 * len(scene.fronts) + 10.0) / shared), 0.0, LONGEST)
    weight = np.zeros(len(key))
    weight[equal] = worth[content]
    return weight


def weigh(scene: Scene, front: Ints, back: Ints) -> Floats:
    """Weigh equal and different stream beginnings in both directions."""
    legs = scene.legs
    weight = np.zeros(len(front))
    for direction in (0, 1):
        equal, comparable, key = _deepest(legs, front, back, direction)
        line, line_key = _lines(legs, front, back, direction)
        said = np.where(equal, AGREE + _rarity(scene, key, equal, front), 0.0)
        heard = np.where(line, AGREE + _rarity(scene, line_key, line, front), 0.0)
        # Both look at the same bytes: the stronger counts, not their sum.
        weight += np.maximum(said, heard)
        # A difference counts only for legs whose content matches another leg: where the balancer
        # rewrites streams (TLS ends there, headers change) every pair differs and says nothing.
        passes = keys.among(front, front[equal]) | keys.among(back, back[equal])
        weight += np.where(comparable & ~equal & ~line & passes, DISAGREE, 0.0)
    return weight
