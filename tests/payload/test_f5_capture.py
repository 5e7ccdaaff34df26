"""What an F5 tells of itself: as tshark reads it, and nothing from other or broken frames."""

import subprocess
from pathlib import Path
from shutil import which

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.payload.f5_capture import MARK, Origin, origin, origin_of
from tests.layers.frames import PACKET
from tests.layers.stacks import Stack
from tests.layers.test_tunnel import pcap

TOLD = Origin("tcpdump -nni 0.0:nnnp -s0", "16.1.4 0.0.28", "lb1.example", "Z100", "BIG-IP")
FRAME = MARK + (
    b"CMD: tcpdump -nni 0.0:nnnp -s0\x00VER: 16.1.4 0.0.28\x00HOST: lb1.example\x00"
    b"PLAT: Z100\x00PROD: BIG-IP\x00SESS: 0\x00"
)
FIELDS = ("cmdline", "version", "hostname", "platform", "product")


def test_it_is_what_tshark_reads(tmp_path: Path) -> None:
    path = pcap(tmp_path / "f5.pcap", 1, [Stack("f5", FRAME, 4), Stack("plain", PACKET, 4)])
    assert origin(str(path)) == TOLD
    if which("tshark") is None:
        pytest.skip("tshark is not installed")
    fields = [option for name in FIELDS for option in ("-e", f"f5fileinfo.{name}")]
    ran = subprocess.run(
        ["tshark", "-r", str(path), "-c", "1", "-T", "fields", *fields],
        capture_output=True,
        text=True,
        check=True,
    )
    assert Origin(*ran.stdout.rstrip("\n").split("\t")) == TOLD


def test_other_frames_and_files_tell_nothing(tmp_path: Path) -> None:
    assert origin_of(PACKET) is None
    assert origin(str(pcap(tmp_path / "plain.pcap", 1, [Stack("plain", PACKET, 4)]))) is None
    assert origin(str(pcap(tmp_path / "empty.pcap", 1, []))) is None
    assert origin(str(tmp_path / "gone.pcap")) is None


@given(st.integers(0, len(FRAME)), st.binary(max_size=40))
def test_a_broken_frame_never_raises(cut: int, more: bytes) -> None:
    found = origin_of(FRAME[:cut] + more)
    assert (found is None) == (cut < len(MARK) and not (FRAME[:cut] + more).startswith(MARK))


@given(st.integers(len(MARK), len(FRAME)))
def test_a_cut_frame_tells_whole_texts_only(cut: int) -> None:
    found = origin_of(FRAME[:cut])
    assert found is not None
    assert found.command in ("", TOLD.command)
    assert found.product in ("", TOLD.product)
