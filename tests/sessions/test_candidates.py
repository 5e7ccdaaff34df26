"""Proposals against a plain double loop."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pcapdiag.sessions import candidates


@settings(deadline=None)
@given(st.lists(st.integers(-1, 5), max_size=12), st.lists(st.integers(0, 11), max_size=12))
def test_join_finds_all_equal_keys(keys: list[int], split: list[int]) -> None:
    key = np.array(keys, np.int64)
    fronts = np.array(sorted({s for s in split if s < len(keys)}), np.int64)
    backs = np.setdiff1d(np.arange(len(keys)), fronts)
    front, back = candidates.join(key, fronts, backs)
    expected = {(f, b) for f in fronts for b in backs if key[f] == key[b] >= 0}
    assert set(zip(front.tolist(), back.tolist(), strict=True)) == expected


def test_a_content_that_everybody_shares_is_not_proposed() -> None:
    many = candidates.LARGEST_GROUP + 1
    key = np.zeros(2 * many, np.int64)
    front, _ = candidates.join(key, np.arange(many), np.arange(many, 2 * many))
    assert not len(front)


def test_each_pair_once() -> None:
    front, back = candidates.once(np.array([3, 3, 1]), np.array([7, 7, 7]))
    assert (front.tolist(), back.tolist()) == ([1, 3], [7, 7])
