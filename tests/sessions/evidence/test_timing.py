"""A back that follows its front's handshake closely is likelier its own."""

from pcapdiag.sessions.evidence import timing
from tests.sessions.evidence.scenes import scene, weighed


def test_the_right_pair_weighs_more() -> None:
    stage = scene({}, {}, {})
    right, wrong = weighed(timing.weigh, stage)
    assert right > 2.0
    assert wrong < right


def test_unseen_weighs_nothing_or_less_than_seen() -> None:
    seen, _ = weighed(timing.weigh, scene({}, {}, {}))
    unseen, _ = weighed(timing.weigh, scene({}, {"syn_ns": -1}, {}))
    assert unseen <= 0.0 < seen
