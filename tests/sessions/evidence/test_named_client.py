"""An option that names the client outweighs everything else, for and against."""

from dataclasses import replace

import numpy as np
import pytest

from pcapdiag.sessions.evidence import kinds, named_client
from tests.sessions.evidence.scenes import scene, weighed


@pytest.mark.parametrize(
    ("front", "back", "weights"),
    [
        ([0], [1], (named_client.NAMED, 0.0)),
        ([2], [1], (named_client.ANOTHER, 0.0)),
        ([0, 2], [1, 3], (named_client.NAMED, named_client.ANOTHER)),
        ([], [], (0.0, 0.0)),
    ],
)
def test_whom_the_back_names(
    front: list[int], back: list[int], weights: tuple[float, float]
) -> None:
    stage = replace(
        scene({}, {}, {}),
        named_front=np.array(front, np.int64),
        named_back=np.array(back, np.int64),
    )
    assert weighed(named_client.weigh, stage) == weights


def test_it_is_named_in_reports() -> None:
    assert kinds()["named-client"] is named_client.weigh
