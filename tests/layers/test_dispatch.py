"""The way through a packet: any damage is named, none raises or reads past the end."""

from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.layers import reasons
from pcapdiag.layers.dispatch import decode
from pcapdiag.layers.packet import STOP, plain_packet
from tests.layers import stacks, test_arp, test_icmp, test_icmpv6, test_linux_sll, test_linux_sll2
from tests.layers.frames import IPV4, PACKET, TCP, decoded, place
from tests.layers.test_ipv6 import IPV6

RAW: Final = 101
SEEDS: Final = (
    (1, PACKET),
    (1, test_arp.FRAME),
    (113, test_linux_sll.header() + IPV4 + TCP),
    (276, test_linux_sll2.HEADER + IPV4 + TCP),
    (0, b"\x02\0\0\0" + IPV4 + TCP),
    (RAW, IPV6 + TCP),
    (RAW, test_icmp.error("03 04 00 00 00 00 05 78")),
    (RAW, test_icmpv6.message("02 00 00 00 00 00 05 00", IPV6 + TCP)),
    (RAW, test_icmpv6.message("87 00 00 00 00 00 00 00", test_icmpv6.TARGET)),
    *((stack.link_type, stack.data) for stack in stacks.ALL),
)


class Guarded:
    """Octets that may only be read below an end; a read beyond fails the test."""

    def __init__(self, data: bytes, end: int) -> None:
        self.data, self.end = data, end

    def __getitem__(self, at: Any) -> Any:
        last = at.stop - 1 if isinstance(at, slice) else at
        first = at.start if isinstance(at, slice) else at
        assert first >= 0
        assert last < self.end, f"read at {last}, the packet ends at {self.end}"
        return self.data[at]


@st.composite
def damaged(draw: st.DrawFn) -> tuple[int, bytes]:
    """Return a link type and a packet with octets changed and its end cut or doubled."""
    link_type, data = draw(st.sampled_from(SEEDS))
    octets = bytearray(data)
    for at in draw(st.lists(st.integers(0, len(data) - 1), max_size=6)):
        octets[at] = draw(st.integers(0, 255))
    return link_type, bytes(octets[: draw(st.integers(0, len(octets)))])


@given(damaged(), st.integers(0, 3000))
def test_damage_is_named(packet: tuple[int, bytes], missing: int) -> None:
    link_type, data = packet
    scratch = plain_packet()
    place(scratch, data, len(data) + missing)
    outcome = decode(link_type, Guarded(data + b"beyond", len(data)), scratch)
    assert outcome <= STOP
    if outcome == STOP:
        assert reasons.words(scratch["reason"])


@given(st.sampled_from((*dict(SEEDS), 12, 14, 108, 228, 229)), st.binary(max_size=120))
def test_anything_is_named(link_type: int, data: bytes) -> None:
    scratch = plain_packet()
    place(scratch, data)
    assert decode(link_type, Guarded(data, len(data)), scratch) <= STOP


def test_seeds_are_understood() -> None:
    assert all(decoded(data, link_type).outcome < STOP for link_type, data in SEEDS)


def test_other_link_types_are_named() -> None:
    assert decoded(PACKET, 147).reason == "link type 147"
