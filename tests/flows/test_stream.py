"""Checksums over the beginning of a stream."""

import itertools
from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.flows.table import PREFIX_LENGTHS
from tests.flows.stories import Packet, handshake, only, says


def pieces(text: bytes, cuts: list[int]) -> list[Packet]:
    edges = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    found = itertools.pairwise(edges)
    return [says(30 + n, 101 + a, 501, text[a:b]) for n, (a, b) in enumerate(found)]


@given(st.binary(min_size=1, max_size=1500), st.lists(st.integers(0, 1500), max_size=6))
def test_prefix_does_not_depend_on_segments(text: bytes, cuts: list[int]) -> None:
    flow = only([*handshake(), *pieces(text, cuts)])
    length = min(len(text), PREFIX_LENGTHS[-1])
    assert flow["prefix_length"].tolist() == [length, 0]
    assert flow["prefix_end"].tolist() == [crc32(text[:length]), -1]
    for place, point in enumerate(PREFIX_LENGTHS):
        assert flow["prefix"][0, place] == (crc32(text[:point]) if len(text) >= point else -1)


def test_first_line() -> None:
    flow = only([*handshake(), *pieces(b"EHLO client.example\r\nMAIL", [4, 9])])
    assert flow["line"][0] == crc32(b"EHLO client.example")
    assert flow["line_length"][0] == 19


def test_a_line_that_does_not_end_or_ends_between_packets_is_unknown() -> None:
    assert only([*handshake(), *pieces(b"EHLO client", [])])["line"][0] == -1
    assert only([*handshake(), *pieces(b"EHLO\r\n", [5])])["line"][0] == -1


def test_a_hole_ends_the_prefix_until_it_is_filled() -> None:
    hole = [*handshake(), says(30, 101, 501, b"abc"), says(31, 107, 501, b"ghi")]
    assert only(hole)["prefix_length"][0] == 3
    flow = only([*hole, says(300, 104, 501, b"defghi")])
    assert flow["prefix_end"][0] == crc32(b"abcdefghi")


def test_overlap_adds_only_what_is_new() -> None:
    flow = only([*handshake(), says(30, 101, 501, b"abc"), says(300, 101, 501, b"abcdef")])
    assert flow["prefix_end"][0] == crc32(b"abcdef")


def test_without_a_handshake_the_stream_begins_at_the_first_payload() -> None:
    assert only([says(30, 7777, 501, b"abc")])["prefix_end"][0] == crc32(b"abc")
