"""What is wrong with a file is said, with its place and what to do; healthy files are healthy."""

import gzip
import struct
from pathlib import Path

import pytest

from pcapdiag.doctor import Diagnosis, examine
from pcapdiag.pipeline import NothingReadable
from tests.read.forge import block, interface, keep, option, packet, section_header
from tests.read.forge_nstrace import Told, Trace

SAMPLES = Path(__file__).parents[2] / "samples"
SECOND = 1_700_000_000


def pcap(*times: int, length: int = 4, wire: int = 4, unit: int = 1) -> bytes:
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 147)
    for time in times:
        data += struct.pack("<IIII", time * unit, 0, length, wire) + bytes(length)
    return data


def examined(tmp_path: Path, data: bytes) -> Diagnosis:
    return examine(keep(tmp_path, data))


def wrong(diagnosis: Diagnosis) -> list[str]:
    return [each.what for each in diagnosis.complaints if each.wrong]


def test_a_good_capture_has_nothing_wrong() -> None:
    diagnosis = examine(str(SAMPLES / "story.pcap"))
    assert not diagnosis.wrong
    assert diagnosis.complaints == ()
    assert diagnosis.flows == 28
    assert diagnosis.account.version == "2.4"


def test_a_file_cut_short(tmp_path: Path) -> None:
    whole = (SAMPLES / "story.pcap").read_bytes()
    (complaint,) = examined(tmp_path, whole[:-5]).complaints
    assert "ends inside a packet" in complaint.what
    assert complaint.frame == 259
    assert 0 < complaint.offset < len(whole)
    assert "copy it again" in complaint.now


def test_a_netscaler_trace_is_examined_as_any_capture(tmp_path: Path) -> None:
    trace = Trace(26)
    for number in range(20):
        trace.packet((SAMPLES / "story.pcap").read_bytes()[40:94], 1000, Told(number % 3), 1500)
    (complaint,) = examined(tmp_path, trace.data).complaints
    assert "20 packets were cut" in complaint.what
    assert "nstrace -size 0" in complaint.now
    size = trace.spans[9][0] + 1
    damaged = trace.data[:size] + b"\x03" + trace.data[size + 1 :]
    said = [each for each in examined(tmp_path, damaged).complaints if each.wrong]
    assert [(each.frame, each.offset) for each in said] == [(9, size - 1)]
    assert "claims 3 bytes, its header has 52" in said[0].what
    assert "were not read" in said[0].now


def test_damage_says_how_much_was_not_read(tmp_path: Path) -> None:
    good = (SAMPLES / "story.pcap").read_bytes()
    data = good + b"\xff" * 70_000
    (complaint,) = examined(tmp_path, data).complaints
    assert (complaint.frame, complaint.offset) == (260, len(good))
    assert complaint.now.startswith("The last 70 kB were not read")
    (complaint,) = examined(tmp_path, gzip.compress(data)).complaints
    assert "were not read" not in complaint.now


def test_packets_that_cannot_be_decoded(tmp_path: Path) -> None:
    diagnosis = examined(tmp_path, pcap(SECOND, SECOND + 1))
    assert wrong(diagnosis) == ["2 packets could not be decoded: link type 147."]
    assert diagnosis.undecoded == {"link type 147": 2}


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ((9, 8, 10), "1 packet has an earlier time than the one before, by up to 1.0 s."),
        ((-SECOND, -SECOND), "packets of the year 1970"),
        ((2**32 - 1 - SECOND,), "packets of the year 2106"),
    ],
)
def test_times(tmp_path: Path, times: tuple[int, ...], words: str) -> None:
    diagnosis = examined(tmp_path, pcap(*(SECOND + time for time in times)))
    assert words in " ".join(wrong(diagnosis))


def test_a_long_gap_and_a_coarse_clock_are_worth_knowing(tmp_path: Path) -> None:
    notes = examined(tmp_path, pcap(*[SECOND] * 4, SECOND + 900_000)).complaints
    assert [(each.wrong, each.frame) for each in notes[1:]] == [(False, 5), (False, -1)]
    assert "Nothing was captured for 250 h 0 min" in notes[1].what
    assert "3 packets have the very time" in notes[2].what


def test_lost_packets_and_secrets(tmp_path: Path) -> None:
    data = section_header("<") + interface("<", 147)
    data += packet("<", 0, SECOND * 10**6, b"abcd", 9)
    data += block("<", 5, struct.pack("<IIIHHQ", 0, 0, 0, 5, 8, 77))
    data += block("<", 0xA, b"KSLT" + struct.pack("<I", 6) + b"SECRET")
    diagnosis = examined(tmp_path, data)
    assert "The capturing host lost 77 packets (it kept 1)." in wrong(diagnosis)
    assert "SECRET" not in repr(diagnosis)
    notes = " ".join(each.what for each in diagnosis.complaints if not each.wrong)
    assert "TLS secrets" in notes
    assert "1 packet was cut" in notes
    assert diagnosis.account.blocks["decryption secrets"] == 1


def test_an_empty_capture(tmp_path: Path) -> None:
    assert wrong(examined(tmp_path, pcap())) == ["The file holds no packet."]


def test_packets_without_time(tmp_path: Path) -> None:
    data = section_header("<") + interface("<", 1, options=option("<", 9, b"\xff"))
    data += packet("<", 0, 2**63, bytes(60), 60)
    assert "1 packet has no usable time." in wrong(examined(tmp_path, data))


def test_what_is_no_capture_is_not_examined(tmp_path: Path) -> None:
    with pytest.raises(NothingReadable):
        examined(tmp_path, b"no capture")
