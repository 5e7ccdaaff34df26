"""Kept machine code: found again by the same program only, and never a reason to fail."""

import os
from importlib.metadata import version
from pathlib import Path

import pytest

from pcapdiag.compiled import kept
from pcapdiag.compiled.code import Code
from pcapdiag.compiled.kept import Attempt, attempt, find, keep, making, path_of
from pcapdiag.flows.kernel import walk

CODE = Code("cpu", "name", "i", b"octets")


def add(one: int, other: int) -> int:
    """Stand for a kernel."""
    return one + other


def take(one: int, other: int) -> int:
    """Stand for another kernel."""
    return one - other


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a folder of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_it_is_found_for_its_function_and_arguments_only(home: Path) -> None:
    assert find(add, "(int, int)") is None
    keep(add, "(int, int)", CODE)
    assert find(add, "(int, int)") == CODE
    assert find(add, "(int, bool)") is None
    assert find(take, "(int, int)") is None
    assert [each.name for each in home.glob("pcapdiag/kernels-*/*")] == [
        path_of(add, "(int, int)").name
    ]


def test_other_sources_have_another_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "KERNELS", [walk])
    keep(add, "", CODE)
    monkeypatch.setattr(kept, "KERNELS", [walk, take])
    assert find(add, "") == CODE
    monkeypatch.setattr(kept, "KERNELS", [])
    assert find(add, "") is None


def test_a_damaged_file_is_as_good_as_none() -> None:
    keep(add, "", CODE)
    path = path_of(add, "")
    path.write_bytes(path.read_bytes()[:-1])
    assert find(add, "") is None
    keep(add, "", CODE)
    assert find(add, "") == CODE


def test_a_home_that_cannot_be_written_is_no_failure(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "file"))
    with making(add, ""):
        keep(add, "", CODE)
    assert find(add, "") is None
    assert attempt(add, "") is Attempt.NONE


def test_what_was_long_unused_is_removed(home: Path) -> None:
    old, new = home / "pcapdiag" / "kernels-old", home / "pcapdiag" / "kernels-new"
    for folder in (old, new):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    keep(add, "", CODE)
    assert not old.exists()
    assert new.exists()


def test_others_know_what_is_being_made() -> None:
    assert attempt(add, "") is Attempt.NONE
    with making(add, ""):
        assert attempt(add, "") is Attempt.UNDER_WAY
        assert attempt(take, "") is Attempt.NONE
    assert attempt(add, "") is Attempt.NONE


def test_whoever_died_making_it_is_remembered() -> None:
    with pytest.raises(KeyboardInterrupt), making(add, ""):
        raise KeyboardInterrupt
    assert attempt(add, "") is Attempt.UNDER_WAY
    os.utime(path_of(add, "").with_suffix(".making"), (0, 0))
    assert attempt(add, "") is Attempt.FAILED
    with making(add, ""):
        assert attempt(add, "") is Attempt.UNDER_WAY
    assert attempt(add, "") is Attempt.NONE


@pytest.mark.parametrize("library", ["numba", "numpy", "llvmlite"])
def test_another_version_of_a_library_has_other_code(library: str) -> None:
    assert version(library).encode() in kept._version(library)


def test_a_library_without_a_file_for_it_has_a_version_all_the_same() -> None:
    assert kept._version("click") == version("click").encode()
