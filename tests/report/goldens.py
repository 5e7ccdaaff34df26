"""What the goldens hold: each format of a small story, and the plain text of the other reports."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pcapdiag.report import FORMATS
from pcapdiag.report.diagrams import drawing
from pcapdiag.report.ladder_svg import ladder_svg
from pcapdiag.report.model import Report
from tests.report.stories import EMPTY, FAILING_PICTURE, HEALTHY, INCONCLUSIVE, STORY

FOLDER = Path(__file__).parent / "golden"

SMALL: Report = replace(
    STORY, sessions=(*STORY.sessions[:3], *STORY.sessions[-2:]), affected=STORY.sessions[:3]
)


def goldens() -> Mapping[str, str]:
    """File names and what they should hold."""
    text = FORMATS["text"].render
    return {
        "story.txt": text(SMALL),
        "story.terminal.txt": FORMATS["terminal"].render(SMALL),
        "story.md": FORMATS["markdown"].render(SMALL),
        "story.json": FORMATS["json"].render(SMALL),
        "story.drawing.svg": drawing(FAILING_PICTURE, "drawing-1").replace("><", ">\n<") + "\n",
        "story.ladder.svg": ladder_svg(FAILING_PICTURE, "ladder-1").replace("><", ">\n<") + "\n",
        "healthy.txt": text(HEALTHY),
        "inconclusive.txt": text(INCONCLUSIVE),
        "empty.txt": text(EMPTY),
    }
