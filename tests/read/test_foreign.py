"""Captures of other programs: converted where Wireshark is, refused with its name where it is not."""

import bz2
import os
import shutil
import stat
import struct
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Final

import pytest

from pcapdiag.read import Unreadable, foreign, open_capture, packets_at
from pcapdiag.read.foreign import MAGICS, Kind
from pcapdiag.read.pcap_variants import USUAL
from tests.read.compare import compare
from tests.read.forge import PACKED, keep, read
from tests.read.test_pcap_variants import write

PACKETS: Final = [bytes(range(n, n + 60)) for n in range(20)]
WRITTEN: Final = (
    "5views", "commview-ncf", "k12text", "lanalyzer", "modpcap", "netmon1", "netmon2", "nettl",
    "ngsniffer", "nokiapcap", "nsecpcap", "pcap", "pcapng", "rh6_1pcap", "snoop", "suse6_3pcap",
)  # fmt: skip
"""What editcap writes of Ethernet frames and reads again; finer times than microseconds come nowhere."""


def needs(tool: str) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")


def made(tmp_path: Path, form: str) -> Path:
    name = keep(tmp_path, write("<", USUAL, PACKETS, beyond=0), "from.pcap")
    out = tmp_path / f"x.{form}"
    subprocess.run(["editcap", "-F", form, name, out], check=True, capture_output=True)
    return out


@pytest.mark.tshark
@pytest.mark.parametrize("form", WRITTEN)
def test_what_wireshark_writes_is_read_as_tshark_reads_it(tmp_path: Path, form: str) -> None:
    needs("editcap")
    path = str(made(tmp_path, form))
    assert compare(path) == ("equal", "")
    capture = open_capture(path)
    packets = read(capture)
    assert [each.captured for each in packets] == PACKETS
    assert capture.account.packets == len(PACKETS)


@pytest.mark.tshark
@pytest.mark.parametrize("packing", sorted(PACKED))
def test_a_converted_capture_is_hashed_and_read_again(tmp_path: Path, packing: str) -> None:
    needs("editcap")
    data = PACKED[packing](made(tmp_path, "netmon2").read_bytes())
    name = keep(tmp_path, data, "-x")
    capture = open_capture(name)
    positions = [
        batch.base + int(record["at"]) for batch in capture for record in batch.records[:3]
    ]
    assert list(packets_at(name, positions).values()) == PACKETS[:3]
    assert capture.account.format == "netmon2" + ("+" + packing if packing else "")
    assert capture.account.sha256 == sha256(data).hexdigest()


@pytest.mark.tshark
def test_a_foreign_capture_cut_short_is_told(tmp_path: Path) -> None:
    needs("editcap")
    data = made(tmp_path, "ngsniffer").read_bytes()
    capture = open_capture(keep(tmp_path, data[: len(data) - 30]))
    assert [each.captured for each in read(capture)] == PACKETS[:-1]
    assert "editcap could not convert" in capture.account.problems[0].what


@pytest.mark.parametrize("packing", sorted(PACKED))
@pytest.mark.parametrize(("magic", "kind"), MAGICS)
def test_without_wireshark_the_format_is_named(
    tmp_path: Path, magic: bytes, kind: Kind, packing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    name = keep(tmp_path, PACKED[packing](magic + bytes(400)), "my trace.cap")
    with pytest.raises(Unreadable) as caught:
        open_capture(name)
    assert kind.what in caught.value.reason
    assert "apt install tshark" in caught.value.reason
    assert "editcap -F pcapng '" in caught.value.reason


def test_an_unknown_netscaler_trace_is_named(tmp_path: Path) -> None:
    data = b"\x01\x22\x01NetScaler V21 Performance Data" + bytes(99)
    with pytest.raises(Unreadable, match=r"version that is not known here.*traceformat PCAP"):
        open_capture(keep(tmp_path, data))


@pytest.fixture
def editcap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editcap of the test's own; returns the script."""
    script = tmp_path / "bin" / "editcap"
    script.parent.mkdir()
    script.touch(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.defpath}")
    return script


FOREIGN: Final = b"GMBU" + bytes(100)


def test_a_conversion_ends_with_its_reader(tmp_path: Path, editcap: Path) -> None:
    mark = tmp_path / "pid"
    name = keep(tmp_path, write("<", USUAL, PACKETS), "from.pcap")
    editcap.write_text(f"#!/bin/sh\necho $$ >{mark}\ncat {name}\nexec cat /dev/zero\n")
    capture = open_capture(keep(tmp_path, FOREIGN), block=100)
    for _ in capture:
        break
    child = int(mark.read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_a_conversion_that_makes_too_much_is_stopped(
    tmp_path: Path, editcap: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign, "ANY_GROWTH", 1 << 20)
    name = keep(tmp_path, write("<", USUAL, PACKETS), "from.pcap")
    editcap.write_text(f"#!/bin/sh\ncat {name}\nexec cat /dev/zero\n")
    capture = open_capture(keep(tmp_path, FOREIGN))
    read(capture)
    assert "makes more than 1000 times its size" in capture.account.problems[0].what


def test_a_conversion_that_fails_gives_its_reason(tmp_path: Path, editcap: Path) -> None:
    editcap.write_text("#!/bin/sh\necho 'editcap: No such thing.' >&2\nexit 2\n")
    with pytest.raises(Unreadable, match=r"Monitor 2 capture: .*\(No such thing\.\)"):
        open_capture(keep(tmp_path, FOREIGN))
    with pytest.raises(Unreadable, match="No such thing"):
        open_capture(keep(tmp_path, bz2.compress(FOREIGN)))


@pytest.mark.tshark
def test_formats_without_a_magic_are_asked_for(tmp_path: Path) -> None:
    needs("captype")
    assert compare(str(made(tmp_path, "commview-ncf"))) == ("equal", "")
    with pytest.raises(Unreadable, match="starts with 00 01 02 03"):
        open_capture(keep(tmp_path, bytes(range(200))))


def erf(kind: int, body: bytes, number: int) -> bytes:
    """Return a record: time, type, flags, length, losses, length on the wire, padding, frame."""
    stamp = (1_700_000_000 + number) << 32
    head = struct.pack("<Q", stamp) + struct.pack(">BBHHH", kind, 4, 18 + len(body), 0, len(body))
    return head + b"\0\0" + body


@pytest.mark.tshark
@pytest.mark.parametrize("packing", ["", "gzip"])
def test_ethernet_in_erf(tmp_path: Path, packing: str) -> None:
    needs("captype")
    data = b"".join(erf(2, body, number) for number, body in enumerate(PACKETS))
    name = keep(tmp_path, PACKED[packing](data), "x.erf")
    assert compare(name) == ("equal", "")
    capture = open_capture(name)
    assert [each.captured for each in read(capture)] == PACKETS
    assert capture.interfaces[0].link_type == 1
    assert capture.account.format == "erf" + ("+gzip" if packing else "")
