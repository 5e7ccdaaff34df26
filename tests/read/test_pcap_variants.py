"""Relatives of pcap that share its magic or its layout, made here and by editcap."""

import shutil
import struct
import subprocess
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pcapdiag.read import open_capture
from pcapdiag.read.pcap_variants import (
    AIX,
    IXIA_HARDWARE,
    IXIA_SOFTWARE,
    NOKIA,
    PATCHED,
    PATCHED_NEW,
    PATCHED_SMP,
    USUAL,
    Variant,
    header_of,
    variant_of,
)
from tests.read.forge import Seen, bodies, keep, read

SECOND: Final = 1_700_000_000
MAGIC_OF: Final = {
    USUAL: 0xA1B2C3D4,
    PATCHED: 0xA1B2C3D4,
    NOKIA: 0xA1B2C3D4,
    PATCHED_NEW: 0xA1B2CD34,
    PATCHED_SMP: 0xA1B2CD34,
    IXIA_HARDWARE: 0x1C0001AC,
    IXIA_SOFTWARE: 0x1C0001AB,
    AIX: 0xA1B2C3D4,
}


def write(
    order: str, variant: Variant, packets: list[bytes], link: int = 1, beyond: int = 4
) -> bytes:
    minor = 2 if variant is AIX else 4
    data = struct.pack(order + "IHHiIII", MAGIC_OF[variant], 2, minor, 0, 0, 65535, link)
    records = b""
    for number, body in enumerate(packets):
        lengths = (len(body), len(body) + beyond)
        if variant is AIX:
            lengths = lengths[::-1]
        records += struct.pack(order + "IIII", SECOND + number, 500 + number, *lengths)
        extra = struct.pack(order + "IHBB", 3, 0x0800, 4, 0xEE)
        if variant is NOKIA:
            extra = struct.pack("<I", 0x9FBFB601)
        records += (extra + b"\xaa" * 4)[: variant.header - 16] + body
    if variant.begins == 28:
        data += struct.pack(order + "I", len(records))
    return data + records


@limits(deadline=None, max_examples=80)
@given(
    order=st.sampled_from("<>"),
    variant=st.sampled_from(list(MAGIC_OF)),
    packets=st.lists(bodies, min_size=2, max_size=5),
)
def test_every_variant_is_known_by_its_records(
    order: str, variant: Variant, packets: list[bytes]
) -> None:
    data = write(order, variant, packets, 6)
    header = header_of(data)
    assert header is not None
    found = variant_of(header, data, True)
    assert found.header == variant.header
    assert found.unit_ns == variant.unit_ns


@limits(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.sampled_from("<>"),
    variant=st.sampled_from(list(MAGIC_OF)),
    packets=st.lists(bodies, min_size=2, max_size=5),
)
def test_every_variant_is_read(
    tmp_path: Path, order: str, variant: Variant, packets: list[bytes]
) -> None:
    capture = open_capture(keep(tmp_path, write(order, variant, packets, 6)), block=100)
    assert read(capture) == [
        Seen(n + 1, (SECOND + n) * 10**9 + (500 + n) * variant.unit_ns, body, len(body) + 4, 0, 0)
        for n, body in enumerate(packets)
    ]
    assert capture.interfaces[0].link_type == (1 if variant is AIX else 6)
    assert capture.account.problems == []


@pytest.mark.tshark
@pytest.mark.parametrize(
    ("form", "variant"),
    [
        ("rh6_1pcap", PATCHED),
        ("suse6_3pcap", PATCHED_SMP),
        ("modpcap", PATCHED_NEW),
        ("nokiapcap", NOKIA),
    ],
)
def test_what_wireshark_writes_is_read(tmp_path: Path, form: str, variant: Variant) -> None:
    if shutil.which("editcap") is None:
        pytest.skip("editcap is not installed")
    packets = [bytes(range(n, n + 60)) for n in range(9)]
    name = keep(tmp_path, write("<", USUAL, packets))
    out = tmp_path / "out"
    subprocess.run(["editcap", "-F", form, name, out], check=True, capture_output=True)
    capture = open_capture(str(out))
    assert [each.captured for each in read(capture)] == packets
    if variant is not NOKIA:  # editcap writes zeros where Nokia has its pattern
        assert capture.account.variant == variant.name


def test_lengths_of_data_general_s_version(tmp_path: Path) -> None:
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 543, 0, 0, 0, 100, 1)
    data += struct.pack("<IIII", 1, 0, 60, 4) + b"abcd"
    (packet,) = read(open_capture(keep(tmp_path, data)))
    assert (packet.captured, packet.wire) == (b"abcd", 60)


@pytest.mark.parametrize(("network", "bits"), [(1, -1), (0x24000001, 32), (0x04000001, 0)])
def test_the_frame_check_sequence_is_told(tmp_path: Path, network: int, bits: int) -> None:
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 100, network)
    (interface,) = open_capture(keep(tmp_path, data)).interfaces
    assert (interface.link_type, interface.fcs_bits) == (1, bits)
