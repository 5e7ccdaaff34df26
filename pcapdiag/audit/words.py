"""How an audit's rows are worded; the formats only lay them out."""

from pcapdiag.audit.model import NOT_ANALYSED, Audit, Row
from pcapdiag.report.words import plural, safe

HEADINGS = ("Capture", "Verdict", "Certainty", "Affected", "In one sentence")


def cells(row: Row) -> tuple[str, str, str, str, str]:
    """Return a row as safe text in the order of HEADINGS."""
    return (
        safe(row.file, 200),
        safe(row.verdict or NOT_ANALYSED, 80),
        safe(row.certainty or "", 20),
        f"{row.affected} of {plural(row.of or 0, 'session')}" if row.affected else "",
        safe(row.error if row.error is not None else row.sentence, 300),
    )


def totals(audit: Audit) -> list[tuple[int, str]]:
    """Return how many captures have each verdict, the most frequent first."""
    return [(count, safe(verdict, 80)) for verdict, count in audit.totals]


def headline(audit: Audit) -> str:
    """Return the audit in one sentence."""
    total = len(audit.rows)
    bad = sum(row.severity in ("error", "warning") for row in audit.rows)
    lost = sum(row.error is not None for row in audit.rows)
    if lost == total:
        return (
            f"{plural(lost, 'capture')}, none of which could be analysed."
            if total
            else "No captures."
        )
    judged = plural(total - lost, "analysed capture" if lost else "capture")
    rest = f"; {lost} could not be analysed." if lost else "."
    if not bad:
        return f"No trouble that users notice in {judged}{rest}"
    verb = "shows" if bad == 1 else "show"
    return f"{bad} of {judged} {verb} trouble that users notice or may notice{rest}"


def kind(row: Row) -> str:
    """Return how bad a row is: ``error``, ``warning``, ``healthy``, ``unclear`` or ``lost``."""
    if row.error is not None:
        return "lost"
    if row.verdict in ("healthy", "inconclusive"):
        return "healthy" if row.verdict == "healthy" else "unclear"
    return row.severity or "unclear"
