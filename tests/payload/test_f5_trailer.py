"""Trailers of F5 BIG-IP: both layouts, any cut, and tshark's reading of a real capture."""

import subprocess
from ipaddress import IPv4Address
from pathlib import Path
from struct import pack
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.flows.build import read_traffic
from pcapdiag.payload.f5_trailer import Peer, Trailer, trailer_of, trailers
from pcapdiag.read import open_capture
from tests.layers.frames import PACKET, octets
from tests.layers.stacks import Stack
from tests.layers.test_tunnel import pcap

SHARED: Final = Path(__file__).resolve().parents[3] / "shared" / "captures"
REAL: Final = SHARED / "f5devcentral-f5-agility-labs-adc/docs/_static/class4/hackazon2.pcap"

NAME: Final = b"/Common/vs_one"
CAUSE: Final = bytes(7) + b"\x08\xdb" + b"No local listener"
IDS: Final = pack("!QQ", 0x1122, 0x3344)
PEER: Final = octets("""
    06 0f fd                                                 # TCP, VLAN 4093
    00 00 00 00 00 00 00 00 00 00 ff ff 0a 01 14 14          # remote 10.1.20.20
    00 00 00 00 00 00 00 00 00 00 ff ff 0a 01 14 f0          # local 10.1.20.240
    00 50 c3 05                                              # ports 80 and 49925
""")
SECRET: Final = b"SECRET" * 8
EXPECTED: Final = Trailer(
    ingress=True,
    slot=0,
    tmm=3,
    virtual_server="/Common/vs_one",
    flow=0x1122,
    peer_flow=0x3344,
    reset_cause="No local listener",
    peer=Peer(6, 4093, IPv4Address("10.1.20.20"), 80, IPv4Address("10.1.20.240"), 49925),
)


def old(kind: int, version: int, content: bytes) -> bytes:
    return bytes([kind, len(content) + 1, version]) + content


def new(provider: int, kind: int, version: int, content: bytes) -> bytes:
    return pack("!HHHH", provider, kind, 8 + len(content), version) + content


def medium(fixed: int) -> bytes:
    return (IDS + bytes(fixed - 16)) + bytes([len(CAUSE)]) + CAUSE


LOW: Final = bytes([1, 0, 3, len(NAME)]) + NAME
NAMES: Final = bytes([1, 3]) + b"1.1" + bytes([0, len(NAME)]) + NAME
OLD: Final = old(1, 1, LOW) + old(2, 3, medium(31)) + old(3, 0, PEER)


def wrapped(*blocks: bytes) -> bytes:
    body = b"".join(blocks)
    return bytes.fromhex("f5deb0f5") + pack("!HH", 8 + len(body), 1) + body


NEW: Final = tuple(
    wrapped(
        new(4, 1, 1, SECRET), new(1, 1, version, low), new(1, 2, 4, medium(31)), new(1, 3, 1, PEER)
    )
    for version, low in ((2, LOW), (3, LOW), (4, bytes([1, 0, 3, len(NAMES)]) + NAMES))
)


@pytest.mark.parametrize("data", [OLD, bytes(6) + OLD, *NEW])
def test_both_layouts(data: bytes) -> None:
    assert trailer_of(data) == EXPECTED


@pytest.mark.parametrize(("version", "fixed"), [(1, 26), (2, 27), (3, 31)])
def test_where_the_reset_cause_stands(version: int, fixed: int) -> None:
    found = trailer_of(old(2, version, medium(fixed)))
    assert found is not None
    assert found.reset_cause == "No local listener"


def test_no_peer() -> None:
    found = trailer_of(old(3, 0, bytes(39)))
    assert found == Trailer()


@pytest.mark.parametrize("data", [b"", bytes(46), b"\x16\x03\x01\x00\x05", b"\xf5\xde\xb0\xf5"])
def test_what_is_no_trailer(data: bytes) -> None:
    assert trailer_of(data) is None


@given(st.sampled_from([OLD, *NEW]), st.data())
def test_any_cut_and_damage(data: bytes, draw: st.DataObject) -> None:
    damaged = bytearray(data[: draw.draw(st.integers(0, len(data)))])
    for at in draw.draw(st.lists(st.integers(0, max(0, len(damaged) - 1)), max_size=4)):
        if damaged:
            damaged[at] = draw.draw(st.integers(0, 255))
    assert "SECRET" not in repr(trailer_of(bytes(data[: len(damaged)])))
    trailer_of(bytes(damaged))


def fields_of(path: Path) -> list[list[str]]:
    """Return tshark's reading, frame by frame."""
    names: tuple[str, ...] = (
        "flowid",
        "peerid",
        "ingress",
        "tmm",
        "vip",
        "rstcausetxt",
        "peerremoteaddr",
    )
    names += ("peerremoteport", "peerlocaladdr", "peerlocalport")
    command = ["tshark", "-n", "-r", str(path), "-Y", "tcp", "-T", "fields"]
    command += [word for name in names for word in ("-e", f"f5ethtrailer.{name}")]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.split("\t") for line in ran.stdout.splitlines()]


def as_fields(found: Trailer) -> list[str]:
    peer = found.peer
    ends = (
        [str(peer.remote), str(peer.remote_port), str(peer.local), str(peer.local_port)]
        if peer
        else [""] * 4
    )
    ids = [f"0x{number:016x}" for number in (found.flow, found.peer_flow)]
    ingress = {True: "1", False: "0", None: ""}[found.ingress]
    return [*ids, ingress, str(found.tmm), found.virtual_server, found.reset_cause, *ends]


@pytest.mark.tshark
def test_tshark_reads_the_new_layout_so(tmp_path: Path) -> None:
    path = pcap(tmp_path / "f5.pcap", 1, [Stack("f5", PACKET + data, 4) for data in (*NEW, OLD)])
    assert fields_of(path) == [as_fields(EXPECTED)] * 4


@pytest.mark.tshark
@pytest.mark.skipif(not REAL.is_file(), reason=f"{REAL.name} is not beside the checkout")
def test_tshark_reads_a_real_capture_so() -> None:
    capture = open_capture(str(REAL))
    positions = [batch.base + int(record["at"]) for batch in capture for record in batch.records]
    (facts,) = read_traffic([open_capture(str(REAL))], compiled=False).captures
    found = trailers(facts, np.array(positions), np.zeros(len(positions), np.int64))
    ours = [as_fields(trailer) for trailer in found if trailer is not None]
    assert len(ours) > 1500
    assert ours == fields_of(REAL)
