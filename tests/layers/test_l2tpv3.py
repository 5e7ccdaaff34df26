"""L2TPv3: what is no frame beyond doubt is left alone; what is read is in stacks.py."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.layers.packet import DONE_TCP
from tests.layers.frames import IPV4, TCP, Decoded, decoded, octets
from tests.layers.stacks import INNER_MACS, ethernet, frame, ip

SESSION = octets("00 00 00 09")


def carried(body: bytes) -> Decoded:
    return decoded(ethernet(4, ip(4, 115, body)))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\0\0\0", "tunnel header truncated"),  # cut
        (octets("00 00 00 00 c8 03 00 14"), "tunnel control"),
        (SESSION, "l2tpv3"),  # nothing in it
        (SESSION + bytes(16) + frame(4), "l2tpv3"),  # no cookie is that long
        (SESSION + bytes(3) + frame(4), "l2tpv3"),
        (SESSION + frame(4) + b"\0", "l2tpv3"),  # one octet too many
        (SESSION + frame(4)[:-1], "l2tpv3"),
        (SESSION + INNER_MACS + octets("08 06") + IPV4 + TCP, "l2tpv3"),  # ARP it says
        (SESSION + INNER_MACS + octets("86 dd") + IPV4 + TCP, "l2tpv3"),  # not that version
        (SESSION + IPV4 + TCP, "l2tpv3"),  # no frame at all
    ],
)
def test_others_are_named(body: bytes, reason: str) -> None:
    assert carried(body).reason == reason


def test_a_short_frame_was_padded() -> None:
    whole = INNER_MACS + octets("08 00") + pack("!BBH", 0x45, 0, 40) + IPV4[4:] + TCP[:20]
    found = carried(SESSION + whole.ljust(60, b"\0"))
    assert (found.outcome, found["payload"], found["tunnel_id"]) == (DONE_TCP, 0, 9)
    assert carried(SESSION + whole.ljust(61, b"\0")).reason == "l2tpv3"


@given(st.binary(min_size=20, max_size=80))
def test_random_octets_are_nothing(body: bytes) -> None:
    assert carried(SESSION + body).reason == "l2tpv3"
