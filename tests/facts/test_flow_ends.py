"""Who ended a connection, and how long it waited before."""

from typing import Any

import numpy as np
import pytest

from pcapdiag.facts.flow_ends import ended_by, silent_ns
from pcapdiag.flows.table import FlowTable
from tests.sessions.table import S, leg


def flow(**columns: Any) -> FlowTable:
    return FlowTable(leg("198.51.100.1:1", "192.0.2.1:80", S, **columns))


@pytest.mark.parametrize(
    ("columns", "who"),
    [
        ({}, -1),
        ({"fin_ns": [3 * S, 4 * S]}, 0),
        ({"fin_ns": [3 * S, 2 * S]}, 1),
        ({"fin_ns": [3 * S, -1], "reset_ns": [-1, 2 * S]}, 1),
        ({"reset_ns": [5 * S, -1]}, 0),
    ],
)
def test_whoever_sends_the_first_fin_or_rst_ends_it(columns: dict[str, Any], who: int) -> None:
    assert ended_by(flow(**columns)).tolist() == [who]


@pytest.mark.parametrize(
    ("columns", "waited"),
    [
        ({"fin_ns": [9 * S, -1]}, 8 * S - 20_000),
        ({"fin_ns": [9 * S, -1], "last_data_ns": [4 * S, -1], "bytes": [80, 0]}, 5 * S),
        ({"fin_ns": [9 * S, -1], "bytes": [80, 10]}, -1),  # it was answered
        ({"fin_ns": [9 * S, 8 * S]}, -1),  # the responder ended it
        ({"fin_ns": [9 * S, -1], "handshake_ns": -1}, -1),
        ({}, -1),
    ],
)
def test_silence_lasts_from_the_last_word_to_the_end(columns: dict[str, Any], waited: int) -> None:
    assert silent_ns(flow(**columns)).tolist() == [waited]


def test_an_empty_table_has_no_endings() -> None:
    empty = FlowTable(np.concatenate([flow().records])[:0])
    assert len(ended_by(empty)) == len(silent_ns(empty)) == 0
