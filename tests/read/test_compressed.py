"""Compressed streams: members, padding, damage, and memory that stays small."""

import bz2
import gzip
import lzma
import tracemalloc
from collections.abc import Callable
from io import BytesIO
from typing import Final

import lz4.frame
import pytest
import zstandard
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pcapdiag.read import compressed
from pcapdiag.read.compressed import FORMATS, Unpacker, format_of

SKIPPED = b"\x53\x2a\x4d\x18\x04\0\0\0abcd"
PACK: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": gzip.compress,
    "zstd": zstandard.compress,
    "lz4": lz4.frame.compress,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
}
names = st.sampled_from(sorted(PACK))


def unpack(packed: bytes, piece: int = 1000) -> tuple[bytes, str]:
    found = format_of(packed)
    assert found is not None
    unpacker = Unpacker(found, BytesIO(packed).read)
    room, out = bytearray(piece), b""
    while count := unpacker.read_into(memoryview(room)):
        out += room[:count]
    return out, unpacker.trouble


def test_every_format_is_tried() -> None:
    assert {each.name for each in FORMATS} == set(PACK)


@limits(deadline=None)
@given(name=names, members=st.lists(st.binary(max_size=3000), min_size=1, max_size=5))
def test_members_follow_each_other(name: str, members: list[bytes]) -> None:
    packed = b"".join(PACK[name](each) for each in members)
    assert unpack(packed) == (b"".join(members), "")
    assert unpack(packed + bytes(600)) == (b"".join(members), "")


@limits(deadline=None, max_examples=30)
@given(name=names, body=st.binary(min_size=1, max_size=3000), data=st.data())
def test_a_stream_cut_short_yields_what_it_held(
    name: str, body: bytes, data: st.DataObject
) -> None:
    packed = PACK[name](body)
    length = data.draw(st.integers(6, len(packed) - 1))
    found, trouble = unpack(packed[:length])
    assert body.startswith(found)
    assert "cut short" in trouble


@pytest.mark.parametrize("name", sorted(PACK))
def test_a_bomb_is_defused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed, "ANY_GROWTH", 5 << 20)
    monkeypatch.setattr(compressed, "LARGEST_GROWTH", 20)
    packed = PACK[name](bytes(200 << 20))
    out, trouble = unpack(packed, 1 << 20)
    assert len(out) < max(5 << 20, 20 * len(packed)) + (33 << 20)
    assert trouble == f"the {name} stream unpacks to more than 20 times its size"


@pytest.mark.parametrize("name", sorted(PACK))
def test_many_small_members(name: str) -> None:
    packed = PACK[name](b"x") * 4000
    assert unpack(packed, 1 << 20) == (b"x" * 4000, "")


def test_lz4_frames_without_data_are_passed_over() -> None:
    one, two = lz4.frame.compress(b"one"), lz4.frame.compress(b"two")
    assert unpack(one + SKIPPED + two + SKIPPED) == (b"onetwo", "")


def test_an_xz_stream_may_not_ask_for_all_memory() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 29}]
    packed = lzma.compress(b"x", filters=filters)
    out, trouble = unpack(packed)
    assert out == b""
    assert "Memory usage limit" in trouble


def test_gzip_cut_late_keeps_nearly_all() -> None:
    body = bytes(range(256)) * 4000
    found, trouble = unpack(gzip.compress(body)[:-9])
    assert len(found) > 0.9 * len(body)
    assert "cut short" in trouble


@pytest.mark.parametrize("name", sorted(PACK))
def test_bytes_after_the_end_are_told(name: str) -> None:
    assert unpack(PACK[name](b"capture") + b"tail") == (
        b"capture",
        f"after the {name} stream come bytes that are none",
    )


@pytest.mark.parametrize("name", sorted(PACK))
def test_damage_is_told(name: str) -> None:
    packed = bytearray(PACK[name](bytes(range(256)) * 40))
    packed[6:40] = b"\xff" * 34
    assert "damaged" in unpack(bytes(packed))[1]


def test_zstandard_frames_without_data_are_passed_over() -> None:
    packed = SKIPPED + zstandard.compress(b"one") + SKIPPED + zstandard.compress(b"two")
    assert unpack(packed) == (b"onetwo", "")


@pytest.mark.parametrize("name", sorted(PACK))
def test_memory_stays_small(name: str) -> None:
    packed = PACK[name](bytes(1 << 20) * 120)
    found = format_of(packed)
    assert found is not None
    unpacker = Unpacker(found, BytesIO(packed).read)
    room = memoryview(bytearray(1 << 20))
    tracemalloc.start()
    total = 0
    while count := unpacker.read_into(room):
        total += count
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == 120 << 20
    assert peak < 90 << 20


def test_plain_files_have_no_format() -> None:
    assert format_of(b"\xd4\xc3\xb2\xa1") is None
    assert format_of(b"") is None
