"""An equal initial sequence number marks forwarding packet by packet."""

from pcapdiag.sessions.evidence import equal_isn
from tests.sessions.evidence.scenes import scene, weighed


def test_the_right_pair_weighs_more() -> None:
    stage = scene({"isn": [77, -1]}, {"isn": [77, -1]}, {"isn": [78, -1]})
    right, wrong = weighed(equal_isn.weigh, stage)
    assert right > 10.0
    assert wrong == 0.0


def test_unseen_weighs_nothing_or_less_than_seen() -> None:
    seen, _ = weighed(
        equal_isn.weigh, scene({"isn": [77, -1]}, {"isn": [77, -1]}, {"isn": [78, -1]})
    )
    unseen, _ = weighed(equal_isn.weigh, scene({}, {"syn_ns": -1}, {}))
    assert unseen <= 0.0 < seen
