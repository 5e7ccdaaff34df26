"""Integers and checksums, plain; the compiled forms are compared in tests/test_compiled.py."""

from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.layers.octets import checksum, u8, u16, u16_little, u32, u32_little, u48


@given(st.binary(min_size=8, max_size=8), st.integers(0, 2))
def test_integers(data: bytes, at: int) -> None:
    view = memoryview(data)
    assert u8(view, at) == data[at]
    assert u16(view, at) == int.from_bytes(data[at : at + 2], "big")
    assert u32(view, at) == int.from_bytes(data[at : at + 4], "big")
    assert u48(view, at) == int.from_bytes(data[at : at + 6], "big")
    assert u16_little(view, at) == int.from_bytes(data[at : at + 2], "little")
    assert u32_little(view, at) == int.from_bytes(data[at : at + 4], "little")


@given(st.binary(max_size=300), st.integers(0, 300))
def test_checksum_goes_on(data: bytes, cut: int) -> None:
    cut = min(cut, len(data))
    view = memoryview(data)
    first = checksum(view, 0, cut, 0)
    assert checksum(view, cut, len(data) - cut, first) == crc32(data)
