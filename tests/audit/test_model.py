"""Rows and totals."""

from pcapdiag.audit.model import NOT_ANALYSED, Audit, Row, row_of
from tests.report.stories import HEALTHY, STORY


def test_row_of_a_finding() -> None:
    row = row_of("a.pcap", STORY)
    lead = STORY.findings[0]
    assert (row.verdict, row.certainty, row.severity) == (lead.rule, lead.certainty, lead.severity)
    assert (row.affected, row.of, row.sentence) == (lead.affected, lead.of, STORY.verdict.sentence)
    assert row.packets == sum(capture.packets for capture in STORY.captures)


def test_row_of_a_healthy_capture() -> None:
    row = row_of("a.pcap", HEALTHY)
    assert (row.verdict, row.certainty, row.affected) == ("healthy", None, 0)
    assert row.of == len(HEALTHY.sessions)


def test_totals_by_number_then_name() -> None:
    rows = [Row("a", error="x"), Row("b", "z"), Row("c", "y"), Row("d", "healthy"), Row("e", "y")]
    assert Audit(tuple(rows)).totals == (("y", 2), ("healthy", 1), (NOT_ANALYSED, 1), ("z", 1))
