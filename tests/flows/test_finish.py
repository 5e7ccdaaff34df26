"""The order of what the pass leaves behind."""

from pcapdiag.flows.build import read_traffic
from tests.flows.stories import capture, dialogue
from tests.flows.test_copies import routed


def test_everything_refers_to_the_final_order() -> None:
    packets = routed(dialogue())
    found = read_traffic([capture(packets), capture(dialogue())], compiled=False)
    assert found.flows["file"].tolist() == [0, 0, 0, 1]
    assert found.flows["flow"].tolist() == [0, 0, 0, 0]
    assert found.flows["whole"].tolist() == [0, 0, 0, 3]
    files = found.flows["file"][found.events["record"]]
    assert files.tolist() == found.events["file"].tolist()
    order = list(zip(found.events["file"].tolist(), found.events["frame"].tolist(), strict=True))
    assert order == sorted(order)
