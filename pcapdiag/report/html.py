"""The report as one HTML file: no script, nothing loaded, readable in the dark, on paper and aloud.

The page's words are in templates/report.html, its looks in templates/report.css.
"""

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pcapdiag.report import outline, words
from pcapdiag.report.diagrams import drawing
from pcapdiag.report.ladder_svg import ladder_svg
from pcapdiag.report.model import Picture, Report

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_FRAMES: Final = 40
MOST_SESSIONS: Final = 200
MOST_ADDRESSES: Final = 24

_LINK: Final = re.compile(r"https?://[^\s\"'<>`\\^{|}]+")


def render(report: Report) -> str:
    """Return the report as a complete HTML document; every text is escaped."""
    template = _environment().get_template("report.html")
    page = template.render(
        report=report,
        lead=outline.leading(report),
        others=outline.others(report),
        state=outline.state(report),
        pictures=[_picture(place, p) for place, p in enumerate(report.pictures, 1)],
        sessions=outline.first(outline.listed(report), MOST_SESSIONS),
        standing=outline.standing(report),
        counted=outline.counted(report),
        players=outline.players(report, MOST_ADDRESSES),
        several_files=outline.several_files(report),
        most_frames=MOST_FRAMES,
    )
    return page if page.endswith("\n") else page + "\n"


def _picture(place: int, picture: Picture) -> dict[str, Any]:
    from markupsafe import Markup

    return {
        "works": picture.works,
        "title": picture.title,
        "missing": not all(arrow.seen for arrow in picture.arrows),
        "drawing": Markup(drawing(picture, f"drawing-{place}")),
        "ladder": Markup(ladder_svg(picture, f"ladder-{place}")),
    }


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pcapdiag.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        ends=outline.ends,
        endpoint=words.endpoint,
        first=outline.first,
        frames=outline.frames,
        is_link=lambda text: bool(_LINK.fullmatch(text)),
        severities=words.SEVERITY,
        reach=outline.reach,
        told=outline.told,
    )
    environment.filters.update(
        duration=words.duration,
        moment=words.moment,
        number=words.number,
        paragraphs=words.paragraphs,
        merging=outline.merging,
        period=lambda capture: words.period(capture.first, capture.last),
        plural=words.plural,
        product=words.product,
        size=words.size,
        spans=words.spans,
    )
    return environment


def _visible(value: Any) -> Any:
    """Make hidden characters visible in all that the template prints; markup passes as it is."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return words.safe(value)
    return value
