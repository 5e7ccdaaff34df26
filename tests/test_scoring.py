"""The scorer itself: a report made from the truth scores full marks, any lie does not."""

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.scoring import score
from tests.truth import Connection, Truth, TruthCapture, endpoint, read_truth

FRONT = ("198.51.100.40", 1025, "192.0.2.173", 25)
BACK = ("198.51.100.40", 4000, "192.0.2.74", 25)
CAPTURE = TruthCapture(Path("story.pcap"), "balancer", ("back-syn-unanswered",))
TRUTH = Truth(
    "story",
    (CAPTURE,),
    (Connection(FRONT, frozenset({BACK}), "transparent", "failed"),),
    must_not=("server-port-closed", "return-path-bypasses-balancer:proved"),
    must=("snat-for-local-clients",),
    limits=("capture-snaplen",),
)


def flow(key: tuple[str, int, str, int]) -> dict[str, Any]:
    return dict(zip(("source", "source_port", "destination", "destination_port"), key, strict=True))


def honest() -> dict[str, Any]:
    return {
        "verdict": {"rule": "back-syn-unanswered"},
        "sessions": [
            {
                "front": flow(FRONT),
                "backs": [flow(BACK)],
                "mode": "transparent",
                "outcome": "failed",
            }
        ],
        "limits": [{"id": "capture-snaplen"}],
        "findings": [{"rule": "snat-for-local-clients", "certainty": "likely"}],
    }


def test_the_truth_scores_full_marks() -> None:
    result = score(TRUTH, CAPTURE, honest())
    assert result.right
    assert (result.pairs_right, result.pairs_wrong, result.pairs_missing) == (1, 0, 0)


def _lie(view: dict[str, Any], what: str) -> None:
    session = view["sessions"][0]
    if what == "back missing":
        session["backs"] = []
    elif what == "back wrong":
        session["backs"].append(flow((*BACK[:3], 26)))
    elif what == "mode":
        session["mode"] = "snat"
    elif what == "verdict":
        view["verdict"]["rule"] = "healthy"
    elif what == "front missing":
        view["sessions"] = []
    elif what == "invented session":
        view["sessions"].append(session | {"front": flow(BACK)})
    elif what == "forbidden":
        view["findings"].append({"rule": "server-port-closed", "certainty": "possible"})
    elif what == "too certain":
        view["findings"].append({"rule": "return-path-bypasses-balancer", "certainty": "proved"})
    elif what == "limit missing":
        view["limits"] = []
    elif what == "finding missing":
        view["findings"] = []


@pytest.mark.parametrize(
    "what",
    [
        "back missing",
        "back wrong",
        "mode",
        "verdict",
        "front missing",
        "invented session",
        "forbidden",
        "too certain",
        "limit missing",
        "finding missing",
    ],
)
def test_every_lie_is_seen(what: str) -> None:
    view = copy.deepcopy(honest())
    _lie(view, what)
    assert not score(TRUTH, CAPTURE, view).right


def test_elsewhere_than_on_the_balancer_a_missing_leg_is_no_mistake() -> None:
    view = honest()
    view["sessions"][0]["backs"] = []
    client = TruthCapture(Path("client.pcap"), "client", (), whole=False)
    assert score(TRUTH, client, view).right


def test_endpoints_in_every_spelling() -> None:
    assert endpoint("192.0.2.1:25") == ("192.0.2.1", 25)
    assert endpoint("[2001:DB8::1]:25") == endpoint("2001:db8:0::1:25") == ("2001:db8::1", 25)


def test_lab_example_words_become_ours() -> None:
    folder = Path(__file__).parents[1] / ".." / "shared" / "lab-examples"
    if not folder.is_dir():
        pytest.skip("../shared/lab-examples is not here: its truth files are not read")
    seed = read_truth(folder / "s03a-seed" / "truth.json")
    assert [c.verdicts for c in seed.captures][:2] == [("return-path-bypasses-balancer",), ()]
    assert seed.captures[0].point == "balancer"
    full_nat = read_truth(folder / "s05b-dnat-masquerade" / "truth.json")
    assert {c.mode for c in full_nat.connections} == {"full-nat"}
    assert full_nat.captures[0].verdicts == ("healthy",)
