"""Pairs by the client that the balancer names: right whatever time and content say, and only if captured."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from numpy.typing import NDArray

from pcapdiag.flows.build import read_traffic
from pcapdiag.flows.events import CLAIM
from pcapdiag.flows.legs import legs_of
from pcapdiag.flows.result import Traffic
from pcapdiag.read import open_capture
from pcapdiag.read.pcap_variants import USUAL
from pcapdiag.sessions import pair
from pcapdiag.sessions.claimed import claimed_pairs
from pcapdiag.sessions.pairs import pair_file
from pcapdiag.settings import Settings
from tests.payload.test_toa import ip_frame, option
from tests.read.forge import keep
from tests.read.test_pcap_variants import write
from tests.sessions.table import MS, S, leg, traffic
from tests.sessions.test_pairs import BALANCER, SERVER, VIP, ends


def toa(address: str, port: int) -> bytes:
    return option(254, port.to_bytes(2, "big") + bytes(map(int, address.split("."))))


def claim(record: int, octets: bytes, direction: int = 0) -> NDArray[np.void]:
    row = np.zeros(1, CLAIM)
    row["record"], row["direction"], row["size"] = record, direction, len(octets)
    row["octets"][0, : len(octets)] = list(octets)
    return row


def crowd(order: list[int], named: bool = True) -> Traffic:
    """Fronts that all begin at once, and backs after all of them; `order` says whose each back is."""
    rows, claims = [], []
    for number in range(len(order)):
        front = leg(f"198.51.100.{number + 1}:{10000 + number}", VIP, S + number, life_ns=S)
        front["link_direction"] = [0, 4]
        rows.append(front)
    for number, owner in enumerate(order):
        back = leg(f"{BALANCER}:{20000 + number}", SERVER, S + MS + number, life_ns=S)
        back["link_direction"] = [4, 0]
        rows.append(back)
        claims.append(claim(len(order) + number, toa(f"198.51.100.{owner + 1}", 10000 + owner)))
    made = traffic(*rows)
    return replace(made, claims=np.concatenate(claims)) if named else made


@limits(deadline=None, max_examples=20)
@given(order=st.permutations(range(9)))
def test_the_named_client_decides(order: list[int]) -> None:
    found = pair_file(crowd(order), 0, Settings())
    got = set(zip(ends(found, "front"), ends(found, "back"), strict=True))
    assert got == {(10000 + owner, 20000 + number) for number, owner in enumerate(order)}
    assert (found.confidence > 0.99).all()
    assert all("named-client" in found.kinds[number] for number in found.evidence)


def test_clients_that_are_not_in_the_capture_are_nobodys() -> None:
    made = crowd([0, 1, 2])
    legs = legs_of(made.flows, 0)
    assert [len(each) for each in claimed_pairs(made, 0, legs)] == [3, 3]
    for octets in (toa("198.51.100.9", 10000), toa("198.51.100.1", 10009), b"\xfe\x08", b""):
        other = replace(made, claims=np.concatenate([claim(each, octets) for each in (3, 4, 5)]))
        assert [len(each) for each in claimed_pairs(other, 0, legs)] == [0, 0]
    back_way = replace(made, claims=claim(3, toa("198.51.100.1", 10000), direction=1))
    assert not len(claimed_pairs(back_way, 0, legs)[0])
    # A leg that names itself says nothing of another.
    own = replace(made, claims=claim(0, toa("198.51.100.1", 10000)))
    assert not len(claimed_pairs(own, 0, legs)[0])


def test_a_capture_with_toa(tmp_path: Path) -> None:
    frames = []
    for number in range(6):
        frames.append(tcp("198.51.100.7", 50000 + number, "203.0.113.10", 25, 100 + number))
        frames.append(tcp("203.0.113.10", 25, "198.51.100.7", 50000 + number, 5, 18))
    for number in reversed(range(6)):
        named = toa("198.51.100.7", 50000 + number)
        frames.append(tcp("10.0.0.5", 1025 + number, "10.0.1.9", 25, 900 + number, 2, named))
        frames.append(tcp("10.0.1.9", 25, "10.0.0.5", 1025 + number, 6, 18))
    name = keep(tmp_path, write("<", USUAL, frames))
    made = read_traffic([open_capture(name)], compiled=False)
    port = made.flows["port"][:, 0]
    _, sessions = pair(made, Settings())
    got = {
        (int(port[session.front]), int(port[back.record]))
        for session in sessions
        if session.front is not None
        for back in session.backs
    }
    assert got == {(50000 + number, 1025 + number) for number in range(6)}


MACS = {
    "198.51.100.7": b"\2\0\0\0\0\1",
    "203.0.113.10": b"\2\0\0\0\0\2",
    "10.0.0.5": b"\2\0\0\0\0\2",
    "10.0.1.9": b"\2\0\0\0\0\3",
}


def tcp(
    source: str,
    port: int,
    destination: str,
    to: int,
    seq: int,
    flags: int = 2,
    options: bytes = b"",
) -> bytes:
    words = 5 + len(options) // 4
    inside = port.to_bytes(2, "big") + to.to_bytes(2, "big") + seq.to_bytes(4, "big") + bytes(4)
    inside += bytes([words << 4, flags]) + b"\x20\0" + bytes(4) + options
    frame = bytearray(ip_frame(6, inside))
    frame[:12] = MACS[destination] + MACS[source]
    frame[26:34] = bytes(map(int, (source + "." + destination).split(".")))
    return bytes(frame)
