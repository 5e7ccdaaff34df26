"""Data leaves after it arrived, and both legs end together."""

from pcapdiag.sessions.evidence import relay
from tests.sessions.evidence.scenes import scene, weighed
from tests.sessions.table import MS, S


def test_data_that_left_before_it_arrived_speaks_against_the_pair() -> None:
    front = {"first_data_ns": [S + 10 * MS, -1]}
    stage = scene(front, {"first_data_ns": [S + 11 * MS, -1]}, {"first_data_ns": [S + 5 * MS, -1]})
    right, wrong = weighed(relay.weigh_data, stage)
    assert right > 1.0
    assert wrong == relay.IMPOSSIBLE


def test_ends_that_follow_each_other_speak_for_it() -> None:
    front = {"fin_ns": [S + 90 * MS, -1]}
    stage = scene(front, {"fin_ns": [S + 91 * MS, -1]}, {"fin_ns": [9 * S, -1]})
    right, wrong = weighed(relay.weigh_close, stage)
    assert right > wrong == 0.0
