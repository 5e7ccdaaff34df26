"""Options that name the client, as a table: confirmed by the client's own connection, or not."""

from pathlib import Path

from pcapdiag.facts import Tables
from pcapdiag.read.pcap_variants import USUAL
from tests.facts.test_nstrace import tables
from tests.payload.test_toa import CLIENT, PORT, behind, ip_frame, option, tcp_frame, udp
from tests.read.forge import keep
from tests.read.test_pcap_variants import write


def asked(tmp_path: Path, frames: list[bytes]) -> Tables:
    return tables(Path(keep(tmp_path, write("<", USUAL, frames))))


def test_each_option_is_a_row(tmp_path: Path) -> None:
    front = tcp_frame(b"", port=51234).replace(bytes([10, 0, 0, 5]), CLIENT)
    frames = [
        tcp_frame(option(254, PORT + CLIENT)),
        tcp_frame(option(254, b"\xf9\x89" + CLIENT), port=40001),
        ip_frame(248, behind(PORT + CLIENT, udp(b"query"))),
    ]
    columns = "frame, direction, kind, meaning, client, client_port, client_seen, octets"
    alone = asked(tmp_path, frames).query(f"select {columns} from toa").rows
    value = (PORT + CLIENT).hex()
    assert alone == [
        (1, "to-responder", 254, "toa", "198.51.100.7", 51234, False, value),
        (2, "to-responder", 254, "experiment", None, None, None, "f989c6336407"),
        (3, None, 31, "uoa", "198.51.100.7", 51234, False, value),
    ]
    seen = asked(tmp_path, [*frames, front]).query("select client_seen from toa").rows
    assert seen == [(True,), (None,), (True,)]
    flows = "select flow from toa join flow using (file, record)"
    assert asked(tmp_path, frames).query(flows).rows == [(0,), (1,)]


def test_a_flow_does_not_confirm_itself(tmp_path: Path) -> None:
    own = tcp_frame(option(254, PORT + CLIENT), port=51234).replace(bytes([10, 0, 0, 5]), CLIENT)
    assert asked(tmp_path, [own]).query("select client_seen from toa").rows == [(False,)]


def test_other_captures_have_no_rows(tmp_path: Path) -> None:
    assert asked(tmp_path, [tcp_frame(b"")]).query("select * from toa").rows == []
