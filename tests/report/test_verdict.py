"""The verdict: the leading finding, or healthy only where that was seen to be so."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcapdiag.report.model import Endpoint, Limit, PartLine, SessionLine
from pcapdiag.report.verdict import verdict
from pcapdiag.sessions.model import OUTCOMES
from tests.report.lines import counted
from tests.report.stories import CAPTURE, LEADING, NOBODY, flow

VIP, SERVERS = "10.20.2.173", ("10.20.2.74", "10.20.2.75")


def session(number: int, outcome: str = "ok", mode: str = "snat") -> SessionLine:
    front = flow(f"198.51.100.{number}", 40000 + number, VIP, (number, number + 9))
    back = flow(VIP, 50000 + number, SERVERS[number % 2], (number + 1, number + 8))
    return SessionLine(number, front, (back,), mode, outcome, (), 1.0, ("equal-isn",))


def judged(*sessions: SessionLine, limits: tuple[Limit, ...] = ()) -> tuple[str, str]:
    found = verdict((), limits, counted(sessions), NOBODY, (CAPTURE,))
    assert found.certainty is None
    return found.rule, found.sentence


def test_healthy_says_what_was_checked() -> None:
    rule, sentence = judged(*(session(n) for n in range(1, 5)))
    assert rule == "healthy"
    assert sentence == (
        "Healthy: all 4 sessions to 1 virtual service were answered by 2 servers; "
        "the balancer forwards with its own address (SNAT)."
    )


def test_healthy_says_who_answered() -> None:
    alone = replace(session(5), backs=(), mode="none")
    assert judged(*map(session, range(1, 5)), alone)[1].startswith(
        "Healthy: all 5 sessions to 1 virtual service were answered: 4 by 2 servers, "
        "1 by the balancer itself, as far as these frames show"
    )


def test_healthy_counts_what_could_not_be_judged() -> None:
    rule, sentence = judged(*map(session, range(1, 5)), session(5, "undetermined"))
    assert rule == "healthy"
    assert "4 of 5 sessions" in sentence
    assert "1 could not be judged" in sentence


def test_many_sessions_that_cannot_be_judged_are_not_healthy() -> None:
    rule, sentence = judged(session(1), session(2, "undetermined"))
    assert rule == "inconclusive"
    assert "1 of 2 sessions cannot be judged" in sentence


@pytest.mark.parametrize("outcome", ["failed", "degraded"])
def test_trouble_without_a_rule_is_never_healthy(outcome: str) -> None:
    rule, sentence = judged(session(1), session(2, outcome))
    assert rule == "inconclusive"
    assert "1 of 2 sessions" in sentence
    assert "pcapdiag dissect lb-any.pcap --session 2" in sentence


def test_without_a_balancer_the_rules_had_nothing_to_explain() -> None:
    assert "; no balancer was seen at work" in judged(session(1, "failed"))[1]
    known = replace(NOBODY, balancers=(Endpoint(VIP, None),))
    found = verdict((), (), counted([session(1, "failed")]), known, (CAPTURE,))
    assert "balancer" not in found.sentence.partition("Look")[0]


def test_dissect_is_given_all_files_since_they_number_the_sessions() -> None:
    parts = (PartLine("lb.pcap", "", 1), PartLine("lb.pcap1", "", 9))
    for captures in ((CAPTURE, CAPTURE), (replace(CAPTURE, parts=parts),)):
        found = verdict((), (), counted([session(1), session(2, "failed")]), NOBODY, captures)
        assert "pcapdiag dissect FILE... --session 2, with the same 2 files." in found.sentence


@pytest.mark.parametrize(
    ("macs", "words"), [(("a", "b"), "by 2 servers"), (("a", None), "were answered;")]
)
def test_servers_that_return_directly_are_told_by_their_mac(
    macs: tuple[str, str | None], words: str
) -> None:
    sessions = [
        replace(one, backs=(replace(one.backs[0], destination=VIP, macs=("c", mac)),))
        for one, mac in zip((session(1, mode="dsr"), session(2, mode="dsr")), macs, strict=True)
    ]
    assert words in judged(*sessions)[1]


def test_a_limit_that_hides_traffic_is_never_healthy() -> None:
    limit = Limit("capture-one-way", "One direction is missing.", blinds=True)
    rule, sentence = judged(session(1), limits=(limit,))
    assert rule == "inconclusive"
    assert sentence.startswith("Inconclusive: One direction is missing. Capture next")


def test_a_harmless_limit_is() -> None:
    assert judged(session(1), limits=(Limit("capture-duplicates", "x"),))[0] == "healthy"


def test_nothing_to_judge() -> None:
    assert judged()[0] == "inconclusive"
    assert "no TCP connection" in judged()[1]
    empty = replace(CAPTURE, packets=0)
    assert "no packets" in verdict((), (), counted(()), NOBODY, (empty,)).sentence
    assert judged(session(1, "undetermined"))[0] == "inconclusive"


def test_the_first_error_or_warning_leads_and_notes_never_do() -> None:
    finding = LEADING
    note = replace(finding, rule="snat-for-local-clients", severity="note")
    warning = replace(finding, rule="w", severity="warning", certainty="likely", summary="W.")
    later = replace(finding, rule="later")
    assert judged(session(1))[0] == "healthy"
    assert verdict((note,), (), counted([session(1)]), NOBODY, (CAPTURE,)).rule == "healthy"
    found = verdict((warning, later, note), (), counted([session(1)]), NOBODY, (CAPTURE,))
    assert (found.rule, found.certainty, found.sentence) == ("w", "likely", "W.")


@settings(deadline=None)
@given(st.lists(st.sampled_from(OUTCOMES), max_size=12))
def test_healthy_means_some_worked_and_none_failed(outcomes: list[str]) -> None:
    rule, sentence = judged(*(session(n, outcome) for n, outcome in enumerate(outcomes, 1)))
    clean = "ok" in outcomes and not {"failed", "degraded"} & set(outcomes)
    clean &= outcomes.count("undetermined") <= len(outcomes) / 4
    assert (rule == "healthy") == clean
    assert sentence.endswith((".", "-w next.pcap"))
