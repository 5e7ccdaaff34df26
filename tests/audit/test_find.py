"""Captures are found by what they hold, each once, in one order."""

import gzip
import os
from pathlib import Path

import pytest

from pcapdiag.audit.find import find
from pcapdiag.read import is_capture

CAPTURES = [
    bytes.fromhex(each) for each in ("a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1", "0a0d0d0a")
]


def shown(*paths: Path) -> list[str]:
    return [found.shown for found in find([str(path) for path in paths])]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    (site / "sub").mkdir(parents=True)
    (site / "b.log").write_bytes(CAPTURES[0] + bytes(20))
    (site / "a").write_bytes(CAPTURES[4] + bytes.fromhex("0000001c1a2b3c4d") + bytes(16))
    (site / "sub" / "c.pcap").write_bytes(gzip.compress(CAPTURES[3] + bytes(20)))
    (site / "notes.pcap").write_text("no capture")
    (site / "notes.gz").write_bytes(gzip.compress(b"no capture"))
    (site / "empty.pcap").touch()
    return site


def test_names_do_not_matter(folder: Path) -> None:
    assert shown(folder) == ["a", "b.log", "sub/c.pcap"]


@pytest.mark.parametrize("magic", CAPTURES)
def test_every_magic(magic: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(magic)
    assert is_capture(str(tmp_path / "x"))


def test_a_file_that_is_named_is_taken(folder: Path) -> None:
    assert shown(folder / "notes.pcap") == ["notes.pcap"]
    assert shown(folder / "gone.pcap") == ["gone.pcap"]


def test_pipes_and_links_do_not_stop_it(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "sub" / "up").symlink_to(folder)
    (folder / "dangling").symlink_to(folder / "gone")
    (folder / "same").symlink_to(folder / "a")
    assert shown(folder) == ["a", "b.log", "sub/c.pcap"]


def test_each_once_however_named(folder: Path) -> None:
    assert shown(folder, folder / "sub", folder / "a") == [
        "site/a",
        "site/b.log",
        "site/sub/c.pcap",
    ]


def test_equal_names_are_told_apart(folder: Path, tmp_path: Path) -> None:
    twin = tmp_path / "other" / "site"
    twin.mkdir(parents=True)
    (twin / "a").write_bytes(CAPTURES[1])
    found = shown(folder, twin)
    assert len(found) == len(set(found)) == 4
