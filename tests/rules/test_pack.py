"""The shipped rules as a whole: each is complete, and every sample it names exists."""

from pathlib import Path

import pytest

from pcapdiag.rules import Rule, load
from pcapdiag.rules.model import PRODUCTS

ROOT = Path(__file__).parents[2]
LAB = ROOT.parent / "shared" / "lab-examples"
RULES = tuple(load())


def by_id(rule: Rule) -> str:
    return rule.id


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_rule_is_complete(rule: Rule) -> None:
    assert rule.title[0].isupper()
    assert not rule.title.endswith(".")
    assert rule.summary.endswith((".", "%}"))
    assert rule.likely or rule.proved
    if not rule.is_limit and rule.severity != "note":
        assert rule.fix[0][0] == "any"
        assert rule.evidence.frames
    assert {product for product, _ in rule.fix} <= set(PRODUCTS)
    assert all(link.startswith("https://") for link in rule.references)


@pytest.mark.parametrize("rule", RULES, ids=by_id)
def test_tests_named_exist(rule: Rule) -> None:
    for name in (*rule.fires, *rule.silent):
        kind, _, story = name.partition("/")
        assert kind in ("samples", "lab")
        if kind == "samples":
            assert (ROOT / "samples" / f"{story}.json").is_file(), name
        elif LAB.is_dir():
            assert (LAB / story / "truth.json").is_file(), name


def test_error_rules_about_return_path_are_shipped() -> None:
    wanted = {
        *("return-path-bypasses-balancer", "server-answers-client-directly", "back-syn-unanswered"),
        *("snat-for-local-clients", "mixed-modes", "duplicate-address", "icmp-redirect"),
        *("routing-loop", "server-is-own-client", "server-port-closed", "server-unreachable"),
        *("server-not-resolved", "dsr-server-lacks-vip", "no-server-available"),
        *("vip-port-closed", "vip-not-resolved", "vip-syn-unanswered", "path-mtu-black-hole"),
        *("capture-one-way", "capture-starts-late", "capture-ends-early", "capture-leg-missing"),
        *("capture-snaplen", "capture-duplicates", "capture-damaged", "capture-drops"),
        "capture-out-of-order",
    }
    assert wanted <= {rule.id for rule in RULES}


def test_kemps_documented_fallback_is_cited() -> None:
    rule = next(rule for rule in RULES if rule.id == "snat-for-local-clients")
    assert any("Non-Transparency" in link for link in rule.references)
    assert "Kemp" in rule.means
