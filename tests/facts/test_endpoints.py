"""Addresses with a port: where they are, and counting at places."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.facts.endpoints import endpoints, tally

PAIRS = st.tuples(st.integers(0, 50), st.integers(-1, 65535))


@given(st.sets(PAIRS), st.lists(PAIRS, min_size=1))
def test_every_end_point_is_found_where_it_is(
    known: set[tuple[int, int]], asked: list[tuple[int, int]]
) -> None:
    table = endpoints(known)
    address, port = (np.array(side, np.int64) for side in zip(*asked, strict=True))
    for pair, at in zip(asked, table.find(address, port).tolist(), strict=True):
        if pair in known:
            assert (int(table.address[at]), int(table.port[at])) == pair
        else:
            assert at == -1


@given(st.lists(st.tuples(st.integers(-1, 4), st.booleans())))
def test_a_tally_counts_what_is_chosen_and_has_a_place(entries: list[tuple[int, bool]]) -> None:
    at = np.array([place for place, _ in entries], np.int64)
    chosen = np.array([wanted for _, wanted in entries], np.bool_)
    counts = [sum(entry == (place, True) for entry in entries) for place in range(5)]
    assert tally(at, chosen, 5).tolist() == counts
