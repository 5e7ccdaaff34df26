"""Compiled functions: the same numbers, checked indexes, memory that cannot be misread."""

import ctypes
from typing import Any, Final, NamedTuple
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcapdiag.compiled import compiled, is_kept, kernel, left_out
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


class Pair(NamedTuple):
    """Two arrays, as kernels get their tables."""

    first: Any
    second: Any


@kernel
def weigh(tables: Pair, flag: bool, number: int) -> tuple[int, bool]:
    """Write to one array and read the other; here only so that it can be compiled."""
    tables.second[0] += number
    found = 0
    for each in tables.first:
        found += int(each["value"])
    return found if flag else -found, flag and number < 0


@kernel
def nothing(data: Any) -> None:
    """Write and return nothing; here only so that it can be compiled."""
    data[0] = 7


@pytest.mark.parametrize("flag", [True, False])
@pytest.mark.parametrize("number", [-(1 << 62), -1, 0, 1 << 62])
def test_arguments_and_results_are_what_they_were(flag: bool, number: int) -> None:
    tables = Pair(np.zeros(3, [("pad", "i1"), ("value", "i2")]), np.zeros(1, np.int64))
    tables.first["value"] = [-5, 7, 11]
    result = compiled(weigh)(tables, flag, number)
    assert result == (13 if flag else -13, flag and number < 0)
    assert isinstance(result[1], bool)
    assert tables.second[0] == number


def test_nothing_comes_back_as_none() -> None:
    data = np.zeros(1, np.int64)
    assert compiled(nothing)(data) is None
    assert data[0] == 7


def test_arrays_of_another_kind_are_never_read_by_the_same_code() -> None:
    for kind in (np.int64, np.int16, np.uint8):
        data = np.zeros(1, kind)
        compiled(nothing)(data)
        assert data.tolist() == [7]


def test_parts_of_arrays_are_refused() -> None:
    with pytest.raises(TypeError, match="whole arrays"):
        compiled(nothing)(np.zeros(4, np.int64)[::2])


@pytest.mark.parametrize("wrong", [1.5, "1", None])
def test_other_arguments_are_refused(wrong: Any) -> None:
    data = np.zeros(OCTETS, np.uint8)
    compiled(sum_up)(data, 0, 1)  # type: ignore[arg-type]
    with pytest.raises((TypeError, ctypes.ArgumentError)):
        compiled(sum_up)(data, 0, wrong)  # type: ignore[arg-type]


@left_out("few", -1)
def double(record: Any) -> int:
    """Return twice a record's value; here only so that it is left out."""
    return 2 * int(record["value"])


@kernel
def of_first(records: Any) -> int:
    """Call what may be left out; here only so that it can be compiled."""
    return double(records[0])


def test_a_function_is_left_out_where_the_record_says_so() -> None:
    assert compiled(of_first)(np.ones(1, [("value", "i8")])) == 2
    assert compiled(of_first)(np.ones(1, [("value", "i8"), ("few", "i1")])) == -1
    assert of_first(np.ones(1, [("value", "i8"), ("few", "i1")])) == 2


def test_what_was_compiled_is_kept_for_such_arguments() -> None:
    data = np.zeros(OCTETS, np.uint8)
    compiled(sum_up)(data, 0, 1)  # type: ignore[arg-type]
    assert is_kept(sum_up, np.zeros(1, np.uint8), 7, 8)
    assert not is_kept(sum_up, np.zeros(1, np.uint8), 7, True)
    assert not is_kept(sum_up, np.zeros(1, np.int8), 7, 8)
