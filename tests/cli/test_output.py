"""Results go where they should, whole or not at all."""

import os
import stat
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pcapdiag.cli.output import choose_format, output_option, to_file, write
from pcapdiag.cli.trouble import Trouble


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "r.json"
    target.write_text("old")
    target.chmod(0o640)
    write("new \udc80", str(target))
    assert target.read_bytes() == b"new \\udc80"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [target]


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    umask = os.umask(0o027)
    try:
        write(b"x", str(tmp_path / "r"))
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "r").stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write("x", str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "x"


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "r.json"
    target.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(Trouble, match="No space left"):
        write("new", str(target))
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_devices_are_written_to() -> None:
    write("x", "/dev/null")
    assert Path("/dev/null").is_char_device()


def test_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write("gr\u00fc\u00df", "-")
    assert capfdbinary.readouterr().out == "gr\u00fc\u00df".encode()
    assert (to_file(None), to_file("-"), to_file("./-")) == (False, False, True)


def test_choose_format() -> None:
    suffixes = {".json": "json"}
    assert choose_format("html", "r.json", suffixes) == "html"
    assert choose_format(None, "a.b.JSON", suffixes) == "json"
    assert choose_format(None, None, suffixes) in ("text", "terminal")
    assert choose_format(None, "-", suffixes, usual="table") == "table"
    with pytest.raises(click.UsageError, match=r"use one of \.json"):
        choose_format(None, "r", suffixes)


@click.command()
@output_option
def writes(output: str | None) -> None:
    click.echo("worked")


@pytest.mark.parametrize(
    ("name", "said"), [("gone/r.json", "No such file"), ("", "Is a directory"), ("r.json", None)]
)
def test_an_output_is_looked_at_before_the_work(
    name: str, said: str | None, tmp_path: Path
) -> None:
    result = CliRunner().invoke(writes, ["-o", str(tmp_path / name)])
    if said is None:
        assert (result.exit_code, result.stdout) == (0, "worked\n")
    else:
        assert (result.exit_code, result.stdout) == (2, "")
        assert "cannot write there" in result.stderr
        assert said in result.stderr
