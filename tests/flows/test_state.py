"""What is remembered of a flow while it is read."""

import numpy as np

from pcapdiag.flows.state import EMPTY, SIGHTINGS, STATE, USED
from pcapdiag.flows.table import FLOW


def test_a_lonely_syn_costs_little() -> None:
    assert FLOW.itemsize + STATE.itemsize <= 1300


def test_numbers_start_at_0_as_wireshark_s_do() -> None:
    assert EMPTY["next_seq"].tolist() == [[0, 0]]
    assert EMPTY["window"].tolist() == [[2**32 - 1] * 2]


def test_sizes() -> None:
    assert SIGHTINGS & (SIGHTINGS - 1) == 0
    assert USED == 10
    assert np.zeros(1, STATE).nbytes == STATE.itemsize
