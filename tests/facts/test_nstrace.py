"""What a NetScaler told, as a table: the two legs of a session point at each other."""

from pathlib import Path

import pytest

from pcapdiag import analyze, facts
from pcapdiag.flows.build import read_traffic
from pcapdiag.read import open_capture
from pcapdiag.sessions import pair
from pcapdiag.settings import Settings
from tests.layers.frames import PACKET
from tests.layers.stacks import Stack
from tests.layers.test_tunnel import pcap
from tests.read.forge_nstrace import Told, Trace


def tables(path: Path) -> facts.Tables:
    traffic = read_traffic([open_capture(str(path))], compiled=False)
    topology, sessions = pair(traffic, Settings())
    return facts.build(traffic, topology, sessions, Settings())


def test_each_event_of_a_trace_is_a_row(tmp_path: Path) -> None:
    trace = Trace(35)
    trace.packet(PACKET, 0, Told(2, 1, 0x51, 0, 20, 1))
    back = PACKET[:26] + bytes([10, 0, 0, 5]) + PACKET[30:]
    trace.packet(back, 1000, Told(1, 2, 0x52, 0x51, 30, 1, names=(b"", b"db\x1b[2J")))
    path = tmp_path / "nstrace1.cap"
    path.write_bytes(trace.data)
    asked = tables(path)
    assert asked.query("select * exclude (file, record) from nstrace").rows == [
        (1, True, "rx", 1, 0x51, None, 20, 1, None, None, None, None, None, 0),
        (2, False, "txb", 2, 0x52, 0x51, 30, 1, None, None, None, None, "db\x1b[2J", 0),
    ]
    linked = "select a.frame, b.frame from nstrace a join nstrace b on a.linked_pcb = b.pcb"
    assert asked.query(linked).rows == [(2, 1)]
    sides = "select received from nstrace join event using (file, frame, record) order by frame"
    assert asked.query(sides).rows == [(True,), (False,)]


def test_other_captures_have_no_rows(tmp_path: Path) -> None:
    path = pcap(tmp_path / "plain.pcap", 1, [Stack("plain", PACKET, 4)])
    assert tables(path).query("select * from nstrace").rows == []


@pytest.mark.parametrize("revision", [10, 22, 26, 35])
def test_the_story_told_by_a_netscaler_has_the_same_verdict(tmp_path: Path, revision: int) -> None:
    story = Path(__file__).parents[2] / "samples" / "story.pcap"
    trace, balancer, last = Trace(revision), b"", -1
    for batch in open_capture(str(story)):
        for record in batch.records:
            frame = batch.data[int(record["at"]) :][: int(record["captured"])].tobytes()
            is_tcp = frame[12:14] == b"\x08\0" and frame[23] == 6
            # The first TCP packet is a client's, on its way to the balancer.
            balancer = balancer or (frame[:6] if is_tcp else b"")
            since = 0 if last < 0 else int(record["time_ns"]) - last
            last = int(record["time_ns"])
            trace.packet(frame, since, Told(1 if frame[6:12] == balancer else 2))
    path = tmp_path / "nstrace1.cap"
    path.write_bytes(trace.data)
    expected, told = (analyze([str(name)]) for name in (story, path))
    assert told.verdict == expected.verdict
    assert [s.mode for s in told.sessions] == [s.mode for s in expected.sessions]
