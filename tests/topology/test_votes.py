"""The majority of certain pairs decides an end point's role."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.topology.votes import count


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1))
def test_no_end_point_is_both(pairs: list[tuple[int, int]]) -> None:
    front, back = (np.array(side, np.int64) for side in zip(*pairs, strict=True))
    cast = count(front, back)
    assert not set(cast.vips().tolist()) & set(cast.servers().tolist())
    for endpoint in cast.vips().tolist():
        assert (front == endpoint).sum() > (back == endpoint).sum()
