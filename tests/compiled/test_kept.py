"""Kept machine code: found again by the same program only, and never a reason to fail."""

import os
from importlib.metadata import version
from pathlib import Path

import pytest

from pcapdiag.compiled import kept
from pcapdiag.compiled.code import Code
from pcapdiag.compiled.kept import Making, find, keep, making, making_of, path_of
from pcapdiag.flows.kernel import walk
from tests.compiled.stand_ins import add, take

CODE = Code("cpu", "name", "i", b"octets")


pytestmark = pytest.mark.usefixtures("home")


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
    assert making_of(add, "") is Making.NONE


def test_what_was_long_unused_is_removed(home: Path) -> None:
    old, new = home / "pcapdiag" / "kernels-old", home / "pcapdiag" / "kernels-new"
    for folder in (old, new):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    keep(add, "", CODE)
    assert not old.exists()
    assert new.exists()


def test_others_know_what_is_being_made() -> None:
    assert making_of(add, "") is Making.NONE
    with making(add, ""):
        assert making_of(add, "") is Making.UNDER_WAY
        assert making_of(take, "") is Making.NONE
    assert making_of(add, "") is Making.NONE


def test_who_gave_up_making_it_is_remembered() -> None:
    with pytest.raises(KeyboardInterrupt), making(add, ""):
        raise KeyboardInterrupt
    assert making_of(add, "") is Making.FAILED
    with making(add, ""):
        assert making_of(add, "") is Making.UNDER_WAY
    assert making_of(add, "") is Making.NONE


def test_who_was_killed_making_it_is_remembered_in_the_end() -> None:
    mark = path_of(add, "").with_suffix(".making")
    mark.parent.mkdir(parents=True)
    mark.touch()
    assert making_of(add, "") is Making.UNDER_WAY
    os.utime(mark, (0, 0))
    assert making_of(add, "") is Making.FAILED


@pytest.mark.parametrize("library", ["numba", "numpy", "llvmlite"])
def test_another_version_of_a_library_has_other_code(library: str) -> None:
    assert version(library).encode() in kept._version(library)


def test_a_library_without_a_file_for_it_has_a_version_all_the_same() -> None:
    assert kept._version("click") == version("click").encode()
