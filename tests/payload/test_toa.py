"""Options that name the client: read by shape, found where tshark finds them, else left unknown."""

import shutil
import struct
import subprocess
from ipaddress import ip_address
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pcapdiag.flows.build import read_traffic
from pcapdiag.flows.events import CLAIM, CLAIMING_PACKETS, LONGEST_CLAIM
from pcapdiag.flows.result import Traffic
from pcapdiag.layers.tcp_options import may_name_client
from pcapdiag.payload import toa
from pcapdiag.payload.toa import Claim, claims_of, of_tcp_option
from pcapdiag.read import open_capture
from pcapdiag.read.pcap_variants import USUAL
from tests.layers.frames import MACS
from tests.read.forge import keep
from tests.read.test_pcap_variants import write

CLIENT = bytes([198, 51, 100, 7])
VIRTUAL = bytes([203, 0, 113, 10])
PORT = struct.pack(">H", 51234)
SIX = ip_address("2001:db8::7").packed


def option(kind: int, value: bytes) -> bytes:
    return bytes([kind, len(value) + 2]) + value


def tcp_frame(options: bytes, flags: int = 2, payload: bytes = b"", port: int = 40000) -> bytes:
    """Return an Ethernet frame of 10.0.0.5 to 10.0.1.9:80; `options` in whole words."""
    words = 5 + len(options) // 4
    tcp = (
        struct.pack(">HHIIBBHHH", port, 80, 7, 9, words << 4, flags, 8192, 0, 0) + options + payload
    )
    return ip_frame(6, tcp)


def ip_frame(protocol: int, inside: bytes, options: bytes = b"") -> bytes:
    words = 5 + len(options) // 4
    ip = struct.pack(
        ">BBHHHBBH4s4s", 0x40 | words, 0, words * 4 + len(inside), 1, 0, 64, protocol, 0,
        bytes([10, 0, 0, 5]), bytes([10, 0, 1, 9]),
    )  # fmt: skip
    return MACS + b"\x08\0" + ip + options + inside


def udp(payload: bytes) -> bytes:
    return struct.pack(">HHHH", 5000, 53, 8 + len(payload), 0) + payload


def read(tmp_path: Path, *frames: bytes, compiled: bool = False) -> Traffic:
    name = keep(tmp_path, write("<", USUAL, list(frames)))
    return read_traffic([open_capture(name)], compiled=compiled)


def claimed(tmp_path: Path, frame: bytes) -> list[Claim]:
    return [claim for row in read(tmp_path, frame).claims for claim in claims_of(row)]


KNOWN = [
    (254, PORT + CLIENT, ("toa", "198.51.100.7", 51234, None, -1)),
    (200, PORT + CLIENT, ("toa", "198.51.100.7", 51234, None, -1)),
    (77, PORT + CLIENT, ("toa", "198.51.100.7", 51234, None, -1)),
    (253, PORT + SIX, ("toa", "2001:db8::7", 51234, None, -1)),
    (254, PORT + SIX, ("toa", "2001:db8::7", 51234, None, -1)),
    (250, PORT + VIRTUAL, ("virtual-service", None, -1, "203.0.113.10", 51234)),
    (254, PORT + CLIENT + b"\0\0\0\x19" + VIRTUAL,
     ("toa-virtual", "198.51.100.7", 51234, "203.0.113.10", 25)),
    (252, PORT + CLIENT + bytes(4) + VIRTUAL + b"\0\x19\0\0",
     ("toa-virtual", "198.51.100.7", 51234, "203.0.113.10", 25)),
    (28, b"\x01" + CLIENT, ("client-address", "198.51.100.7", -1, None, -1)),
    (28, CLIENT, ("client-address", "198.51.100.7", -1, None, -1)),
]  # fmt: skip

NOT_KNOWN = [
    (254, b"\xf9\x89" + CLIENT, "experiment"),  # Fast Open, with a cookie of four octets
    (254, b"\xe2\xd4\xc3\xd9", "experiment"),  # shared memory, RFC 7609
    (253, b"\x03\x48" + CLIENT, "experiment"),  # HOST_ID, RFC 7974
    (254, b"\0\0" + CLIENT, "unknown"),  # no port
    (254, PORT + bytes(4), "unknown"),
    (254, PORT + b"\xe0\0\0\x05", "unknown"),  # a group
    (254, PORT + b"\xff" * 16, "unknown"),
    (254, PORT + bytes(16), "unknown"),
    (254, PORT + CLIENT + b"\0", "unknown"),
    (255, PORT + CLIENT, "unknown"),
    (251, PORT + CLIENT, "unknown"),
    (252, PORT + CLIENT, "unknown"),
    (28, b"\x09" + CLIENT, "unknown"),
    (28, b"\x01", "unknown"),
    (77, b"", "unknown"),
]


@pytest.mark.parametrize(("kind", "value", "read"), KNOWN)
def test_shapes_that_name_a_client(
    kind: int, value: bytes, read: tuple[str, str | None, int, str | None, int]
) -> None:
    meaning, client, port, virtual, virtual_port = read
    assert of_tcp_option(kind, value) == Claim(
        "tcp-option", kind, value, meaning,
        None if client is None else ip_address(client), port,
        None if virtual is None else ip_address(virtual), virtual_port,
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "meaning"), NOT_KNOWN)
def test_other_shapes_name_nobody(kind: int, value: bytes, meaning: str) -> None:
    assert of_tcp_option(kind, value) == Claim("tcp-option", kind, value, meaning)


def test_the_user_timeout_option_is_no_claim(tmp_path: Path) -> None:
    assert claimed(tmp_path, tcp_frame(option(28, b"\x80\x0f"))) == []


def test_udp_with_an_option_and_behind_a_header_of_its_own(tmp_path: Path) -> None:
    for value, client in ((PORT + CLIENT, "198.51.100.7"), (PORT + SIX, "2001:db8::7")):
        for carrier, frame in [
            ("ip-option", ip_frame(17, udp(b"query"), option(31, value))),
            ("ip-protocol", ip_frame(248, behind(value, udp(b"query")))),
        ]:
            (claim,) = claimed(tmp_path, frame)
            assert (claim.carrier, claim.meaning, claim.client_port) == (carrier, "uoa", 51234)
            assert str(claim.client) == client
    (claim,) = claimed(tmp_path, ip_frame(17, udp(b""), option(31, b"\0\0")))
    assert claim.meaning == "unknown"
    assert claimed(tmp_path, ip_frame(17, udp(b""), option(148, b"\0\0"))) == []


def behind(value: bytes, inside: bytes) -> bytes:
    made = option(31, value)
    return struct.pack(">BBH", 0x10, 17, 4 + len(made)) + made + inside


kinds = st.sampled_from((1, 2, 3, 8, 28, 77, 200, 249, 252, 253, 254, 255))


@st.composite
def option_lists(draw: st.DrawFn) -> bytes:
    found = b""
    for kind in draw(st.lists(kinds, max_size=4)):
        made = bytes([1]) if kind == 1 else option(kind, draw(st.binary(max_size=10)))
        if len(found) + len(made) <= 40:
            found += made
    return found + b"\1" * (-len(found) % 4)


@limits(deadline=None)
@given(
    octets=st.binary(max_size=LONGEST_CLAIM),
    carrier=st.integers(0, 2),
    size=st.integers(0, LONGEST_CLAIM),
)
def test_anything_can_be_read(octets: bytes, carrier: int, size: int) -> None:
    row = np.zeros(1, CLAIM)[0]
    row["octets"][: len(octets)] = list(octets)
    row["carrier"], row["size"] = carrier, size
    for claim in claims_of(row):
        assert (claim.client is None) == (
            claim.meaning in ("unknown", "experiment", "virtual-service")
        )
        assert len(claim.octets) + 2 <= size


@limits(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(14, 73), value=st.integers(0, 255), cut=st.integers(14, 74))
def test_damaged_packets_are_no_traceback(tmp_path: Path, at: int, value: int, cut: int) -> None:
    frames = [
        tcp_frame(option(254, PORT + CLIENT) + b"\1\1\1\1" * 3, 24, b"data"),
        ip_frame(17, udp(b"query"), option(31, PORT + SIX)),
        ip_frame(248, behind(PORT + SIX, udp(b"query"))),
    ]
    for frame in frames:
        damaged = bytearray(frame)
        damaged[at % len(frame)] = value
        claimed(tmp_path, bytes(damaged[:cut]))


@pytest.mark.tshark
@pytest.mark.parametrize("compiled", [False, True])
@limits(deadline=None, max_examples=6)
@given(lists=st.lists(option_lists(), min_size=1, max_size=40))
def test_options_are_found_where_tshark_finds_them(
    tmp_path_factory: pytest.TempPathFactory, compiled: bool, lists: list[bytes]
) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    frames = [tcp_frame(each, port=1000 + number) for number, each in enumerate(lists)]
    folder = tmp_path_factory.mktemp("toa")
    traffic = read(folder, *frames, compiled=compiled)
    command = ["tshark", "-n", "-r", traffic.captures[0].name, "-T", "fields"]
    command += ["-e", "tcp.option_kind", "-e", "tcp.option_len"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    theirs = [told(line) for line in ran.stdout.split("\n")[: len(frames)]]
    ours: list[list[tuple[int, int]]] = [[] for _ in frames]
    for row in traffic.claims:
        found = claims_of(row)
        ours[row["frame"] - 1] = [(claim.kind, len(claim.octets) + 2) for claim in found]
    assert ours == theirs


def told(line: str) -> list[tuple[int, int]]:
    """Return kind and length of the options that may name a client; those of one octet have no length."""
    words, lengths = (field.split(",") if field else [] for field in line.split("\t"))
    numbers = [int(word) for word in words]
    of_one = [number for number in numbers if number in (0, 1)]
    assert len(lengths) in (len(numbers), len(numbers) - len(of_one))
    if len(lengths) < len(numbers):
        numbers = [number for number in numbers if number not in (0, 1)]
    pairs = zip(numbers, map(int, lengths), strict=True)
    return [(kind, length) for kind, length in pairs if may_name_client(kind, length)]


def test_only_the_first_packets_of_a_flow_are_looked_at(tmp_path: Path) -> None:
    made = option(254, PORT + CLIENT)
    frames = [tcp_frame(made, 24, bytes([n])) for n in range(2 * CLAIMING_PACKETS)]
    traffic = read(tmp_path, *frames)
    assert traffic.claims["frame"].tolist() == [*range(1, CLAIMING_PACKETS + 1)]
    assert set(traffic.claims["direction"].tolist()) == {0}
    assert {claim.meaning for row in traffic.claims for claim in claims_of(row)} == {toa.TOA}


def test_captures_without_such_options_have_no_claims(tmp_path: Path) -> None:
    frames = [
        tcp_frame(option(2, b"\5\xb4") + option(8, bytes(8)) + b"\1\1"),
        ip_frame(17, udp(b"")),
    ]
    assert len(read(tmp_path, *frames).claims) == 0
