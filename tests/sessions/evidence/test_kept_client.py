"""Whose address a back carries: the client's own, another client's, or the balancer's."""

import numpy as np
import pytest

from pcapdiag.sessions.evidence import kept_client
from tests.sessions.evidence.scenes import BALANCER, scene


@pytest.mark.parametrize(
    ("source", "weight"),
    [
        ("198.51.100.1", kept_client.SAME_ADDRESS),
        ("198.51.100.2", kept_client.OTHER_CLIENT),
        (BALANCER, 0.0),
    ],
)
def test_weight(source: str, weight: float) -> None:
    stage = scene({}, {}, {}, source=source)
    assert kept_client.weigh(stage, np.array([0]), np.array([1])).tolist() == [weight]
