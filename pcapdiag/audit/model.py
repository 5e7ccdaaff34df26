"""What an audit found: one row a capture, and how many rows have each verdict."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from pcapdiag.report.model import Report

NOT_ANALYSED: Final = "not-analysed"
"""Stands for a verdict in totals of rows that have an error instead."""


@dataclass(frozen=True)
class Row:
    """One capture; with an `error`, everything else but the file is unknown."""

    file: str
    """As found: below the folder given, with forward slashes."""
    verdict: str | None = None
    """Rule id, ``healthy`` or ``inconclusive``."""
    severity: str | None = None
    """Of the worst finding; None: no finding."""
    certainty: str | None = None
    affected: int | None = None
    """Sessions that the leading finding affects."""
    of: int | None = None
    sentence: str = ""
    packets: int | None = None
    sessions: int | None = None
    error: str | None = None
    """Why there is no verdict: unreadable, out of time, or a fault of the program's own."""


@dataclass(frozen=True)
class Audit:
    """All rows, in order of their file names."""

    rows: tuple[Row, ...]

    @property
    def totals(self) -> tuple[tuple[str, int], ...]:
        """How many captures have each verdict, the most frequent first."""
        counts = Counter(row.verdict or NOT_ANALYSED for row in self.rows)
        return tuple(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))


def row_of(file: str, report: Report) -> Row:
    """Return the row of one capture's report."""
    lead = next((f for f in report.findings if f.rule == report.verdict.rule), None)
    # Findings are sorted: the first is the worst.
    worst = report.findings[0].severity if report.findings else None
    return Row(
        file=file,
        verdict=report.verdict.rule,
        severity=worst,
        certainty=report.verdict.certainty,
        affected=lead.affected if lead else 0,
        of=lead.of if lead else len(report.sessions),
        sentence=report.verdict.sentence,
        packets=sum(capture.packets for capture in report.captures),
        sessions=len(report.sessions),
    )
