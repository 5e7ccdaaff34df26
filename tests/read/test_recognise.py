"""Files that are no captures of ours are named, with what to do."""

from pathlib import Path

import pytest

from pcapdiag.read import Unreadable, open_capture
from pcapdiag.read.recognise import NO_CAPTURES
from tests.read.forge import PACKED, keep


def refused(tmp_path: Path, data: bytes, name: str = "x.pcap") -> str:
    with pytest.raises(Unreadable) as caught:
        open_capture(keep(tmp_path, data, name))
    assert str(caught.value).startswith(str(tmp_path / name) + ": ")
    return caught.value.reason


@pytest.mark.parametrize(("at", "magic", "what", "now"), NO_CAPTURES)
def test_other_files_are_named(tmp_path: Path, at: int, magic: bytes, what: str, now: str) -> None:
    reason = refused(tmp_path, bytes(at) + magic + bytes(400))
    assert what in reason
    assert reason.endswith(now)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\xd4\xc3\xb2\xa1\x02\x00", "ends inside its header"),
        (b"\x0a\x0d\x0d\x0a\x1c\x00", "ends inside its header"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"12:00:01.5 IP 192.0.2.1.5 > 192.0.2.2.25: Flags [S]\n", "tcpdump -w"),
        (b"\x00\x01\x02\x03" * 30, "starts with 00 01 02 03"),
    ],
)
def test_the_rest_gets_a_hint(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in refused(tmp_path, data)


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_what_lies_inside_a_compressed_file_is_named(tmp_path: Path, packing: str) -> None:
    assert refused(tmp_path, PACKED[packing](b"PK\x03\x04")).startswith("unpacked, not a capture")
    assert "cut short" in refused(tmp_path, PACKED[packing](b"PK\x03\x04")[:6])
