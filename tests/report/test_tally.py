"""Sessions counted from columns: the same numbers as line by line."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcapdiag.flows.table import EMPTY, FLOW, FlowTable
from pcapdiag.report.session_lines import SessionLines
from pcapdiag.report.tally import tally
from pcapdiag.sessions.model import MODES, OUTCOMES, Sessions
from tests.report.lines import counted

RECORDS = 8


def flow_table(draw: st.DrawFn) -> np.ndarray:
    """Return a few records, some with the same responder, some without MACs."""
    flows = np.repeat(np.array([EMPTY[0]], FLOW), RECORDS)
    for record in flows:
        record["file"] = 0
        record["ip_version"] = draw(st.sampled_from((4, 6)))
        record["address"][:] = draw(st.integers(1, 3))
        record["port"][:] = draw(st.integers(80, 81))
        record["mac"][:] = draw(st.sampled_from((-1, 5, 6)))
    return flows


@st.composite
def lines(draw: st.DrawFn) -> SessionLines:
    flows = flow_table(draw)
    count = draw(st.integers(0, 6))
    records = st.integers(0, RECORDS - 1)
    backs = [draw(st.lists(records, max_size=3)) for _ in range(count)]
    # A session without a front has a back.
    front = [draw(records | st.just(-1)) if mine else draw(records) for mine in backs]
    owner = [number for number, mine in enumerate(backs) for _ in mine]
    index = st.integers(0, 99)
    sessions = Sessions(
        id=np.arange(1, count + 1),
        front=np.array(front, np.int64),
        mode=np.array([draw(index) % len(MODES) for _ in backs], np.int64),
        outcome=np.array([draw(index) % len(OUTCOMES) for _ in backs], np.int64),
        health_check=np.zeros(count, np.bool_),
        owner=np.array(owner, np.int64),
        back=np.array([record for mine in backs for record in mine], np.int64),
        confidence=np.ones(len(owner)),
        evidence=np.zeros(len(owner), np.int64),
        kinds=(("equal-isn",),),
    )
    return SessionLines(sessions, FlowTable(flows), ("lb.pcap",), ())


@settings(deadline=None, max_examples=300)
@given(lines())
def test_columns_count_as_lines_do(found: SessionLines) -> None:
    assert tally(found) == counted(list(found))


@pytest.mark.parametrize("name", ["dsr-healthy", "story", "mixed-modes", "flaw-ends-early"])
def test_so_do_the_samples(name: str) -> None:
    from pcapdiag import analyze

    folder = Path(__file__).parents[2] / "samples"
    (path,) = folder.glob(f"{name}.pcap*")
    sessions = analyze([path]).sessions
    assert isinstance(sessions, SessionLines)
    assert tally(sessions) == counted(list(sessions))
    assert sum(tally(sessions).outcomes.values()) == len(sessions)
