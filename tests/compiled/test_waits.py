"""What runs have waited: added up for the same program, and never a reason to fail."""

from pathlib import Path

import pytest

from pcapdiag.compiled import kept
from pcapdiag.compiled.waits import MOST_S, add_wait, waited_s
from tests.compiled.stand_ins import add, take

pytestmark = pytest.mark.usefixtures("home")


def test_waits_add_up_for_each_kernel() -> None:
    assert waited_s(add) == 0
    add_wait(add, 3)
    add_wait(add, 4)
    assert (waited_s(add), waited_s(take)) == (7, 0)


def test_a_wait_of_nothing_leaves_no_file(home: Path) -> None:
    add_wait(add, 0)
    assert list(home.iterdir()) == []


def test_a_wait_cannot_fill_the_disk() -> None:
    add_wait(add, 10**12)
    assert waited_s(add) == MOST_S


def test_another_version_has_waited_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    add_wait(add, 5)
    monkeypatch.setattr(kept, "_seal", lambda _modules: "another")
    assert waited_s(add) == 0


def test_a_home_that_cannot_be_written_is_no_failure(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "file"))
    add_wait(add, 5)
    assert waited_s(add) == 0
