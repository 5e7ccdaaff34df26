"""Equal stream beginnings speak for a pair, different ones against it."""

from pcapdiag.sessions.evidence import content
from tests.sessions.evidence.scenes import scene, weighed


def test_the_right_pair_weighs_more() -> None:
    stage = scene(
        {"prefix_length": [20, 0], "prefix_end": [7, -1]},
        {"prefix_length": [20, 0], "prefix_end": [7, -1]},
        {"prefix_length": [20, 0], "prefix_end": [8, -1]},
    )
    right, wrong = weighed(content.weigh, stage)
    assert right > 2.0
    assert wrong < 0.0


def test_unseen_weighs_nothing_or_less_than_seen() -> None:
    seen, _ = weighed(
        content.weigh,
        scene(
            {"prefix_length": [20, 0], "prefix_end": [7, -1]},
            {"prefix_length": [20, 0], "prefix_end": [7, -1]},
            {"prefix_length": [20, 0], "prefix_end": [8, -1]},
        ),
    )
    unseen, _ = weighed(content.weigh, scene({}, {"syn_ns": -1}, {}))
    assert unseen <= 0.0 < seen
