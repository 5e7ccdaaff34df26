"""The four ways to forward, told by address and initial sequence number."""

import numpy as np
import pytest

from pcapdiag.flows.legs import legs_of
from pcapdiag.sessions.mode import modes, modes_of_hops
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


@pytest.mark.parametrize(
    ("tunnels", "ends", "expected"),
    [
        ((0, 0), (0, 0), "dsr"),
        ((0, 1), (0, 7), "tunnel"),
        ((5, 5), (3, 3), "dsr"),
        ((5, 5), (3, 4), "tunnel"),
        ((5, 0), (3, 0), "dsr"),
    ],
)
def test_the_same_flow_in_a_tunnel(
    tunnels: tuple[int, int], ends: tuple[int, int], expected: str
) -> None:
    rows = [leg("198.51.100.1:1000", "192.0.2.10:25", S + n * MS) for n in range(2)]
    for row, tunnel, end in zip(rows, tunnels, ends, strict=True):
        row["tunnel"], row["outer"] = tunnel, end
    legs = legs_of(traffic(*rows).flows, 0)
    (mode,) = modes_of_hops(legs, np.array([0]), np.array([1]))
    assert MODES[mode] == expected
