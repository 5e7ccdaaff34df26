"""The table of what F5 captures begin with: a row a file, text from the wire as it is."""

from pathlib import Path

from tests.facts.test_f5 import tables
from tests.layers.frames import PACKET
from tests.layers.stacks import Stack
from tests.layers.test_tunnel import pcap
from tests.payload.test_f5_capture import FRAME, TOLD


def test_a_capture_that_begins_so_is_a_row(tmp_path: Path) -> None:
    path = pcap(tmp_path / "f5.pcap", 1, [Stack("f5", FRAME, 4), Stack("plain", PACKET, 4)])
    (row,) = tables(path).query("select * exclude (file, part) from f5_capture").rows
    assert row == (TOLD.command, TOLD.version, TOLD.host, TOLD.platform, TOLD.product)


def test_another_has_none(tmp_path: Path) -> None:
    path = pcap(tmp_path / "plain.pcap", 1, [Stack("plain", PACKET, 4), Stack("f5", FRAME, 4)])
    assert tables(path).query("select * from f5_capture").rows == []
