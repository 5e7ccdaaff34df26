"""The digest of a file: the same however it is read, and no thread is left behind."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pcapdiag.read import digest as module
from pcapdiag.read.digest import SMALL, Digest


@contextmanager
def opened(path: Path, data: bytes) -> Iterator[int]:
    """Give the descriptor of a file with such bytes."""
    path.write_bytes(data)
    file = os.open(path, os.O_RDONLY)
    try:
        yield file
    finally:
        os.close(file)


def threads() -> int:
    return sum(each.name.startswith("sha256") for each in threading.enumerate())


@limits(deadline=None, max_examples=30)
@given(
    st.integers(0, 300_000),
    st.lists(st.integers(0, 300_000), max_size=20),
    st.sampled_from((0, 25_000)),
)
def test_it_is_that_of_the_bytes_before_the_end(
    tmp_path_factory: pytest.TempPathFactory, size: int, reached: list[int], lag: int
) -> None:
    data = bytes(index * 7 & 0xFF for index in range(size))
    with (
        pytest.MonkeyPatch.context() as patch,
        opened(tmp_path_factory.mktemp("digest") / "file", data) as file,
    ):
        patch.setattr(module, "LAG", lag)
        patch.setattr(module, "STEP", 10_000)
        patch.setattr(module, "MOST_BEHIND", 2)
        patch.setattr(module, "PIECE", 4096)
        made = Digest(file)
        for end in sorted(reached):
            made.reach(end)
        end = max(reached, default=size // 2)
        digest = made.finish(end)
        made.close()
        assert digest.result(10) == sha256(data[:end]).hexdigest()


def test_a_little_needs_no_thread(tmp_path: Path) -> None:
    before = threads()
    with opened(tmp_path / "file", bytes(SMALL)) as file:
        made = Digest(file)
        made.reach(SMALL)
        assert made.finish(SMALL).done()
        assert threads() == before


def test_it_outlives_the_reader_but_not_one_that_gave_up(tmp_path: Path) -> None:
    data = bytes(3 * module.STEP)
    before = threads()
    with opened(tmp_path / "file", data) as file:
        made = Digest(file)
        made.reach(len(data))
        made.close()
        assert threads() == before
        made = Digest(file)
        made.reach(len(data))
        digest = made.finish(len(data))
        made.close()
    assert digest.result(10) == sha256(data).hexdigest()


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    with opened(tmp_path / "file", bytes(100)) as file:
        before = len(os.listdir("/proc/self/fd"))
        for finishes in (True, False):
            made = Digest(file)
            if finishes:
                made.finish(100).result(10)
            made.close()
        assert len(os.listdir("/proc/self/fd")) == before
