"""Compiled functions: the same numbers, checked indexes, a cache that knows its sources."""

import subprocess
import sys
from pathlib import Path
from typing import Final
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcapdiag import compiled as module
from pcapdiag.compiled import cache_folder, compiled, is_cached, kernel
from pcapdiag.layers.octets import checksum, u8, u16, u16_little, u32, u32_little, u48

OCTETS: Final = 64


@kernel
def read_all(data: bytes, at: int) -> tuple[int, int, int, int, int, int]:
    """Read with every primitive; here only so that it can be compiled."""
    return (
        *(u8(data, at), u16(data, at), u32(data, at)),
        *(u48(data, at), u16_little(data, at), u32_little(data, at)),
    )


@kernel
def sum_up(data: bytes, at: int, length: int) -> int:
    """Return a checksum; here only so that it can be compiled."""
    return checksum(data, at, length, 0)


@settings(deadline=None)
@given(st.binary(min_size=OCTETS, max_size=OCTETS), st.integers(0, OCTETS - 6))
def test_integers_are_the_same(data: bytes, at: int) -> None:
    machine = compiled(read_all)(np.frombuffer(data, np.uint8), at)  # type: ignore[arg-type]
    assert tuple(machine) == read_all(memoryview(data), at)  # type: ignore[arg-type]


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 200))
def test_checksums_are_the_same(data: bytes, at: int) -> None:
    at = min(at, len(data))
    array = np.frombuffer(data, np.uint8)
    assert compiled(sum_up)(array, at, len(data) - at) == crc32(data[at:])  # type: ignore[arg-type]


@pytest.mark.parametrize("at", [OCTETS - 5, OCTETS, 1 << 40])
def test_reading_past_the_end_is_an_error(at: int) -> None:
    with pytest.raises(IndexError):
        compiled(read_all)(np.zeros(OCTETS, np.uint8), at)  # type: ignore[arg-type]


def test_a_kernel_stays_a_plain_function() -> None:
    assert sum_up(b"abc", 0, 3) == crc32(b"abc")
    assert compiled(sum_up) is compiled(sum_up)


def test_the_cache_follows_the_user_and_the_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert not is_cached(sum_up)
    folder = cache_folder()
    assert folder.parent == tmp_path / "pcapdiag"
    folder.mkdir(parents=True)
    assert not is_cached(sum_up)
    (folder / "test_compiled.read_all-25.py311.1.nbc").write_bytes(b"")
    assert not is_cached(sum_up)
    assert is_cached(read_all)
    other = tmp_path / "changed.py"
    other.write_text("# another source")
    monkeypatch.setattr(module, "__file__", str(other))
    assert cache_folder() != folder


def test_compiling_spares_linear_algebra_and_leaves_it_to_others() -> None:
    program = (
        "import sys; from pcapdiag.compiled import compiled; from pcapdiag.flows.sequence import add;"
        "assert compiled(add)(1, 2) == 3; assert 'scipy.linalg' not in sys.modules;"
        "from scipy.linalg import norm; print(norm([3, 4]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "5.0\n"
