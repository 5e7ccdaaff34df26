"""How an audit's rows are worded; the formats only lay them out."""

from pcapdiag.audit.model import NOT_ANALYSED, Audit, Row
from pcapdiag.report.words import plural, safe

HEADINGS = ("Capture", "Verdict", "Certainty", "Sessions", "In one sentence")


def cells(row: Row) -> tuple[str, str, str, str, str]:
    """Return a row as safe text in the order of HEADINGS."""
    return (
        safe(row.file, 200),
        safe(row.verdict or NOT_ANALYSED, 80),
        safe(row.certainty or "", 20),
        "" if row.affected is None else f"{row.affected} of {row.of}",
        safe(row.error if row.error is not None else row.sentence, 300),
    )


def totals(audit: Audit) -> list[tuple[int, str]]:
    """Return how many captures have each verdict, the most frequent first."""
    return [(count, safe(verdict, 80)) for verdict, count in audit.totals]


def headline(audit: Audit) -> str:
    """Return the audit in one sentence."""
    total = len(audit.rows)
    if not total:
        return "No captures."
    bad = sum(row.severity in ("error", "warning") for row in audit.rows)
    lost = sum(row.error is not None for row in audit.rows)
    words = f"{bad} of {plural(total, 'capture')} {'shows' if bad == 1 else 'show'} trouble that"
    words += " users notice or may notice"
    if not bad:
        words = f"None of {plural(total, 'capture')} shows trouble that users notice"
    return words + (f"; {lost} could not be analysed." if lost else ".")


def kind(row: Row) -> str:
    """Return how bad a row is: ``error``, ``warning``, ``healthy``, ``unclear`` or ``lost``."""
    if row.error is not None:
        return "lost"
    if row.verdict in ("healthy", "inconclusive"):
        return "healthy" if row.verdict == "healthy" else "unclear"
    return row.severity or "unclear"
