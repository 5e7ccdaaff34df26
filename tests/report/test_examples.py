"""Which sessions are drawn."""

from dataclasses import replace

import numpy as np

from pcapdiag.flows.events import NEIGHBOR
from pcapdiag.flows.table import FlowTable
from pcapdiag.report.examples import failing, working
from pcapdiag.report.model import FrameCitation
from pcapdiag.sessions.model import Back, Session, columns_of
from tests.report.stories import LEADING
from tests.sessions.table import MS, S, leg, traffic, words

VIP, SERVER, FILES = "192.0.2.10:25", "192.0.2.30:25", ["lb.pcap"]
FOUND = traffic(
    *(
        leg(f"198.51.100.{n}:1000", end, S + n * 100 * MS, last_frame=10 * n + 9)
        for n in range(4)
        for end in (VIP, SERVER if n != 2 else "192.0.2.31:25")
    )
)
SESSIONS = [
    Session(n + 1, 2 * n, (Back(2 * n + 1, 1.0, ()),), "transparent", outcome)
    for n, outcome in enumerate(("failed", "failed", "ok", "failed"))
]
COLUMNS = columns_of(SESSIONS)


def test_the_latest_session_before_a_cited_question_is_shown() -> None:
    asked = np.zeros(2, NEIGHBOR)
    asked["ip_version"], asked["frame"] = 4, [7, 8]
    asked["sender"], asked["time_ns"] = words("192.0.2.30"), [S + 150 * MS, S + 10_000 * MS]
    found = replace(FOUND, neighbors=asked)
    for frame, number in ((7, 2), (8, 4)):
        cited = replace(LEADING, sessions=(), frames=(FrameCitation("lb.pcap", frame, "asks"),))
        shown = failing(found, COLUMNS, cited, FILES)
        assert shown is not None
        assert shown.id == number


def test_else_the_one_that_holds_a_cited_frame_else_the_first() -> None:
    flows = FOUND.flows.records.copy()
    flows["first_frame"], flows["last_frame"] = np.arange(8) * 10, np.arange(8) * 10 + 9
    found = replace(FOUND, flows=FlowTable(flows))
    for frame, number in ((22, 2), (999, 1)):
        cited = replace(LEADING, sessions=(1, 2), frames=(FrameCitation("lb.pcap", frame, ""),))
        assert failing(found, COLUMNS, cited, FILES) == SESSIONS[number - 1]
    assert failing(found, COLUMNS, replace(LEADING, sessions=(3,), frames=()), FILES) == SESSIONS[2]
    assert failing(found, COLUMNS.at(np.array([2])), None, FILES) is None


def test_what_works_is_best_to_the_same_service_and_with_both_legs() -> None:
    lonely = columns_of([Session(1, 2, (), "none", "ok"), SESSIONS[0], SESSIONS[2]])
    assert working(FOUND, lonely, None) == SESSIONS[2]
    assert working(FOUND, lonely.at(np.arange(2)), None) == lonely[0]
    assert working(FOUND, lonely.at(np.arange(1, 2)), None) is None
    assert working(FOUND, columns_of(SESSIONS), SESSIONS[0]) == SESSIONS[2]
    elsewhere = Session(9, 3, (), "none", "ok")
    assert working(FOUND, columns_of([elsewhere, SESSIONS[2]]), SESSIONS[0]) == SESSIONS[2]
