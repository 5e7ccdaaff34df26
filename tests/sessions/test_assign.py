"""The assignment against brute force over all choices."""

from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pcapdiag.sessions.assign import NOBODY, PRUNE, assign


def best_sum(weight: dict[tuple[int, int], float]) -> float:
    """Return the largest sum above NOBODY over all one-to-one choices."""
    fronts = sorted({f for f, _ in weight})
    backs = sorted({b for _, b in weight})
    seats = [*backs, *[-1] * len(fronts)]
    best = 0.0
    for chosen in set(permutations(seats, len(fronts))):
        gain = sum(
            max(weight.get((f, b), -1e9) - NOBODY, 0.0) if (f, b) in weight else 0.0
            for f, b in zip(fronts, chosen, strict=True)
        )
        best = max(best, gain)
    return best


# Within PRUNE of each other, so that no candidate is dropped before the choice.
weights = st.dictionaries(
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
    st.floats(NOBODY - 1, NOBODY + PRUNE - 1.1, allow_nan=False),
    min_size=1,
)


@settings(deadline=None, max_examples=200)
@given(weights)
def test_no_other_choice_is_better(weight: dict[tuple[int, int], float]) -> None:
    pairs = list(weight)
    front = np.array([f for f, _ in pairs], np.int64)
    back = np.array([b for _, b in pairs], np.int64)
    value = np.array([weight[p] for p in pairs])
    chosen = assign(front, back, value)
    assert len(set(front[chosen.taken].tolist())) == len(chosen.taken)
    assert len(set(back[chosen.taken].tolist())) == len(chosen.taken)
    gain = float((value[chosen.taken] - NOBODY).sum())
    assert abs(gain - best_sum(weight)) < 1e-6
    assert ((chosen.confidence > 0.49) & (chosen.confidence <= 1.0)).all()


def test_two_equal_ways_to_pair_are_a_coin_toss() -> None:
    front, back = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    chosen = assign(front, back, np.full(4, 9.0))
    assert len(chosen.taken) == 2
    assert np.allclose(chosen.confidence, 0.5)


def test_a_clear_pair_is_nearly_certain_beside_a_poor_rival() -> None:
    chosen = assign(np.array([0, 1]), np.array([0, 0]), np.array([15.0, 3.0]))
    assert chosen.taken.tolist() == [0]
    assert chosen.confidence[0] > 0.99


def test_weak_evidence_pairs_nobody() -> None:
    chosen = assign(np.array([0]), np.array([0]), np.array([NOBODY - 0.1]))
    assert not len(chosen.taken)
