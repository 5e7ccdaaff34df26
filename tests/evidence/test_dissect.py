"""The decoded dialogue of one session, and what is said when there is none."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pcapdiag.evidence import dissect as module
from pcapdiag.evidence.dissect import DissectError, Leg, display_filter, dissect
from tests.layers.frames import PACKET
from tests.read.forge_nstrace import Told, Trace

SAMPLES = Path(__file__).parents[2] / "samples"
NAMES = {"source": "198.51.100.40", "source_port": 40000, "destination": "192.0.2.10"}


def leg(name: str = "front", mac: str | None = None, ttl: tuple[int, int] = (-1, -1)) -> Leg:
    return Leg(
        name=name,
        source="198.51.100.40",
        source_port=40000,
        destination="192.0.2.10",
        destination_port=25,
        first_frame=3,
        last_frame=90,
        source_mac=mac,
        ttl=ttl,
    )


def test_filter_of_both_families() -> None:
    assert display_filter([leg(), leg("back")]) == (
        "(ip.addr == 198.51.100.40 && ip.addr == 192.0.2.10 && tcp.port == 40000 && "
        "tcp.port == 25 && frame.number >= 3 && frame.number <= 90)"
    )


ENDS = ("198.51.100.40", 40000, 25, "192.0.2.10")


@pytest.mark.parametrize(
    ("mac", "ttl", "name"),
    [
        ("02:00:00:00:00:01", 64, "front"),
        ("02:00:00:00:00:02", 64, "back"),
        (None, 64, "front"),
        (None, 63, "back"),
        (None, 60, "front or back"),
    ],
)
def test_two_hops_of_one_flow_are_told_by_mac_or_ttl(mac: str | None, ttl: int, name: str) -> None:
    legs = [
        leg("front", "02:00:00:00:00:01", (64, -1)),
        leg("back", "02:00:00:00:00:02", (63, -1)),
    ]
    assert module._leg(legs, ENDS, mac, ttl) == name


def test_answers_belong_to_their_leg_too() -> None:
    source, source_port, port, destination = ENDS
    assert module._leg([leg()], (destination, port, source_port, source), None, 64) == "front"


def test_without_tshark_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(DissectError, match="apt install tshark"):
        next(dissect(["x.pcap"], [leg()], 1))


@pytest.mark.tshark
def test_what_tshark_cannot_read(tmp_path: Path) -> None:
    broken = tmp_path / "-broken.pcap"
    broken.write_bytes(b"no capture at all")
    with pytest.raises(DissectError, match=r"no packet .*-broken.pcap: tshark: "):
        list(dissect([str(broken)], [leg()], 1))


def test_without_mergecap_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "mergecap" else name)
    with pytest.raises(DissectError, match="mergecap was not found"):
        next(dissect(["x.pcap", "x.pcap1"], [leg()], 1))


@pytest.mark.tshark
def test_what_mergecap_cannot_read(tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("x.pcap", "x.pcap1")]
    with pytest.raises(DissectError, match=r"no packet .*x.pcap"):
        list(dissect(names, [leg()], 1))


@pytest.mark.tshark
def test_a_netscalers_header_is_not_told_of_every_packet(tmp_path: Path) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    trace = Trace(30)
    trace.packet(PACKET, 0, Told(2, 1, 5, 6))
    path = tmp_path / "x.cap"
    path.write_bytes(trace.padded)
    ends = replace(leg(), source="198.51.100.7", source_port=32768, destination="203.0.113.10")
    (packet,) = dissect([str(path)], [replace(ends, first_frame=1)], 9)
    assert (packet.frame, packet.payload) == (1, 4)
    assert not any(line.startswith("NS:") for line in packet.lines)
