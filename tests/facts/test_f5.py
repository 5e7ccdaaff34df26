"""What an F5 wrote behind frames, as a table; no secrets, and nothing where nothing was written."""

from pathlib import Path

from pcapdiag import facts
from pcapdiag.flows.build import read_traffic
from pcapdiag.read import open_capture
from pcapdiag.sessions import pair
from pcapdiag.settings import Settings
from tests.layers.frames import PACKET
from tests.layers.stacks import Stack
from tests.layers.test_tunnel import pcap
from tests.payload.test_f5_trailer import NEW, OLD


def tables(path: Path) -> facts.Tables:
    traffic = read_traffic([open_capture(str(path))], compiled=False)
    topology, sessions = pair(traffic, Settings())
    return facts.build(traffic, topology, sessions, Settings())


def test_each_event_with_a_trailer_is_a_row(tmp_path: Path) -> None:
    for number, data in enumerate((*NEW, OLD)):
        path = pcap(tmp_path / f"{number}.pcap", 1, [Stack("f5", PACKET + data, 4)])
        (row,) = tables(path).query("select * exclude (file, record) from f5").rows
        assert row == (
            1, True, 0, 3, "/Common/vs_one", "0x1122", "0x3344", "No local listener",
            "10.1.20.20", 80, "10.1.20.240", 49925, 4093,
        )  # fmt: skip
        assert "SECRET" not in str(tables(path).query("select * from f5").rows)


def test_frames_without_trailers_make_no_rows(tmp_path: Path) -> None:
    path = pcap(tmp_path / "plain.pcap", 1, [Stack("plain", PACKET, 4)])
    assert tables(path).query("select * from f5").rows == []
