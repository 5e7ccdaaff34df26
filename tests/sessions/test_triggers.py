"""Triggers come in order of time, each with its front."""

import numpy as np

from pcapdiag.flows.events import EVENT
from pcapdiag.flows.legs import legs_of
from pcapdiag.sessions.triggers import TURN, triggers
from tests.sessions.table import MS, S, leg, traffic


def test_handshakes_and_requests_are_triggers_and_replies_are_not() -> None:
    flows = traffic(leg("198.51.100.1:1000", "192.0.2.10:25", S)).flows
    turns = np.zeros(2, EVENT)
    turns["kind"], turns["record"] = TURN, 0
    turns["direction"], turns["time_ns"] = [0, 1], [S + 5 * MS, S + 6 * MS]
    when, owner = triggers(legs_of(flows, 0), np.array([0]), turns, len(flows))
    assert when.tolist() == [S, S + 20_000, S + 5 * MS]
    assert owner.tolist() == [0, 0, 0]
