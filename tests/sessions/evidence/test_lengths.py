"""Equal byte counts speak for a pair."""

from pcapdiag.sessions.evidence import lengths
from tests.sessions.evidence.scenes import scene, weighed


def test_the_right_pair_weighs_more() -> None:
    stage = scene({"bytes": [20, 300]}, {"bytes": [20, 300]}, {"bytes": [21, 300]})
    right, wrong = weighed(lengths.weigh, stage)
    assert right > 0.0
    assert wrong == 0.0


def test_unseen_weighs_nothing_or_less_than_seen() -> None:
    seen, _ = weighed(
        lengths.weigh, scene({"bytes": [20, 300]}, {"bytes": [20, 300]}, {"bytes": [21, 300]})
    )
    unseen, _ = weighed(lengths.weigh, scene({}, {"syn_ns": -1}, {}))
    assert unseen <= 0.0 < seen
