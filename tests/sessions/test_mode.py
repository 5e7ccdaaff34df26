"""The four ways to forward, told by address and initial sequence number."""

import numpy as np
import pytest

from pcapdiag.flows.legs import legs_of
from pcapdiag.sessions.mode import modes
from pcapdiag.sessions.model import MODES
from tests.sessions.table import MS, S, leg, traffic


@pytest.mark.parametrize(
    ("source", "isn", "expected"),
    [
        ("192.0.2.2", 99, "snat"),
        ("198.51.100.1", 99, "transparent"),
        ("198.51.100.1", 5, "dnat"),
        ("192.0.2.2", 5, "full-nat"),
        ("198.51.100.1", -1, "unknown"),
        ("192.0.2.2", -1, "snat"),
    ],
)
def test_mode(source: str, isn: int, expected: str) -> None:
    front = leg("198.51.100.1:1000", "192.0.2.10:25", S, isn=[5, -1])
    back = leg(f"{source}:2000", "192.0.2.30:25", S + MS, isn=[isn, -1])
    legs = legs_of(traffic(front, back).flows, 0)
    (mode,) = modes(legs, np.array([0]), np.array([1]))
    assert MODES[mode] == expected
