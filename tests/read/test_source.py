"""Where bytes come from: paths, standard input, and what cannot be read."""

import io
import os
import sys
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest

from pcapdiag.read import Unreadable, open_capture
from pcapdiag.read.source import Source, open_file
from tests.read.forge import interface, keep, packet, read, section_header

DATA = section_header("<") + interface("<") + packet("<", 0, 1, b"abc", 3)


def test_finish_hashes_what_nobody_asked_for(tmp_path: Path) -> None:
    data = bytes(range(256)) * 10_000
    with Source(keep(tmp_path, data), hashed=True) as source:
        source.read_into(memoryview(bytearray(1000)))
        digest = source.finish()
        assert source.done == source.size == len(data)
    assert digest.result() == sha256(data).hexdigest()


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="does not exist"):
        open_capture(str(tmp_path / "none.pcap"))


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"is a folder.*pcapdiag audit"):
        open_capture(str(tmp_path))


def test_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Unreadable, match="as standard input"):
        open_capture(str(tmp_path / "pipe"))


@pytest.mark.parametrize(
    ("name", "words"), [("a\0b", "cannot be opened"), ("x" * 9999, "too long")]
)
def test_impossible_names(name: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        open_capture(name)


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:  # root may read anything, so the refusal is played
        raise PermissionError(13, "Permission denied")

    name = keep(tmp_path, DATA)
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(Unreadable, match="may not be read by this user"):
        open_file(name)


def test_a_read_error_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    capture = open_capture(keep(tmp_path, DATA))

    def fail(*_: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "preadv", fail)
    assert read(capture) == []
    assert "Input/output error" in capture.account.problems[0].what


@pytest.mark.parametrize("kind", ["pipe", "file", "memory"])
def test_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    if kind == "pipe":
        out, into = os.pipe()
        os.write(into, DATA)
        os.close(into)
        stream: object = open(out, "rb")  # noqa: SIM115 - closed below
    elif kind == "file":
        stream = open(keep(tmp_path, DATA), "rb")  # noqa: SIM115 - closed below
    else:
        stream = io.BytesIO(DATA)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stream))
    for _ in range(2):
        capture = open_capture("-")
        assert [each.captured for each in read(capture)] == [b"abc"]
        assert capture.account.sha256 == sha256(DATA).hexdigest()
        assert capture.name == "-"
    stream.close()  # type: ignore[attr-defined]


def test_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    main, terminal = os.openpty()
    with open(terminal, "rb", buffering=0) as stream:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stream))
        with pytest.raises(Unreadable, match="is a terminal"):
            open_capture("-")
    os.close(main)
