"""What pcapng says beside the packets: interfaces, comments, drops, sections."""

import struct
from pathlib import Path

import pytest

from pcapdiag.read import Interface, open_capture
from pcapdiag.read.pcapng import LONGEST_COMMENT, MOST_COMMENTS
from tests.read.forge import block, interface, keep, option, packet, read, section_header


def statistics(order: str, number: int, **counts: int) -> bytes:
    codes = {"received": 4, "ifdrop": 5, "filtered": 6, "osdrop": 7}
    options = b"".join(
        option(order, codes[name], struct.pack(order + "Q", value))
        for name, value in counts.items()
    )
    return block(order, 5, struct.pack(order + "III", number, 0, 0) + options)


@pytest.mark.parametrize("order", "<>")
def test_interfaces_are_described(tmp_path: Path, order: str) -> None:
    options = (
        option(order, 2, b"eth0")
        + option(order, 3, "Rückseite".encode())
        + option(order, 11, b"\0tcp port 25")
        + option(order, 0, b"")
        + option(order, 2, b"not read")
    )
    data = section_header(order) + interface(order, 113, 96, options)
    capture = open_capture(keep(tmp_path, data))
    assert read(capture) == []
    assert capture.interfaces == [Interface(113, 96, "eth0", "Rückseite", "tcp port 25")]


def test_sections_number_their_interfaces_anew(tmp_path: Path) -> None:
    data = b""
    for order in "<>":
        data += section_header(order) + interface(order) * 2
        data += packet(order, 1, 5, b"a", 1) + packet(order, 0, 6, b"b", 1)
    found = read(open_capture(keep(tmp_path, data)))
    assert [each.interface for each in found] == [1, 0, 3, 2]
    assert [each.frame for each in found] == [1, 2, 3, 4]


def test_the_last_statistics_of_each_interface_count(tmp_path: Path) -> None:
    data = section_header("<") + interface("<") * 2
    data += statistics("<", 0, ifdrop=3, osdrop=4) + statistics("<", 1, received=9)
    data += statistics("<", 0, ifdrop=30, osdrop=1, filtered=1000)
    data += statistics("<", 9, ifdrop=5)  # there is no such interface
    data += section_header("<") + interface("<") + statistics("<", 0, osdrop=200)
    capture = open_capture(keep(tmp_path, data))
    read(capture)
    assert capture.account.drops == 31 + 200


def test_no_drops_told_is_not_none_dropped(tmp_path: Path) -> None:
    data = section_header("<") + interface("<") + statistics("<", 0, received=9)
    capture = open_capture(keep(tmp_path, data))
    read(capture)
    assert capture.account.drops == -1


def test_comments_are_kept_in_bounds(tmp_path: Path) -> None:
    data = section_header("<", option("<", 1, b"whole file"))
    data += interface("<", options=option("<", 1, b"x" * 5000))
    data += packet("<", 0, 1, b"abc", 3, option("<", 1, b"here \x1b[31mit fails"))
    data += packet("<", 0, 1, b"abc", 3, option("<", 1, b"again")) * 300
    capture = open_capture(keep(tmp_path, data))
    assert len(read(capture)) == 301
    comments = capture.account.comments
    assert comments[0] == "whole file"
    assert comments[1] == "x" * LONGEST_COMMENT
    assert comments[2] == "frame 1: here \x1b[31mit fails"
    assert comments[3] == "frame 2: again"
    assert len(comments) == MOST_COMMENTS


@pytest.mark.parametrize(
    ("damaged", "words"),
    [
        (packet("<", 3, 1, b"abc", 3), "an interface that the section does not describe"),
        (block("<", 6, struct.pack("<IIIII", 0, 0, 0, 90, 90)), "a packet claims 90 bytes"),
        (struct.pack("<III", 5, 13, 13) + bytes(4), "a block of type 5 claims 13 bytes"),
        (struct.pack("<III", 5, 12, 99), "two lengths differ"),
        (struct.pack("<IIII", 0x0A0D0D0A, 28, 0, 0), "no byte order"),
        (block("<", 1, b"abcd"), "an interface description is too short"),
        (block("<", 6, b"abcd"), "makes no sense"),
    ],
)
def test_damage_is_named_and_ends_the_reading(tmp_path: Path, damaged: bytes, words: str) -> None:
    good = section_header("<") + interface("<") + packet("<", 0, 1, b"abc", 3)
    capture = open_capture(keep(tmp_path, good + damaged + good))
    assert len(read(capture)) == 1
    (problem,) = capture.account.problems
    assert words in problem.what
    assert (problem.position, problem.frame) == (len(good), 1)
