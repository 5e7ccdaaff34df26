"""MACsec: what is encrypted has a name, and the check value is no payload; the rest is in stacks.py."""

import pytest

from pcapdiag.layers.packet import DONE_TCP
from tests.layers.frames import IPV4, MACS, TCP, decoded, octets

CHECK = bytes(range(16))


def tagged(flags: str, body: bytes, check: bytes = CHECK) -> bytes:
    return MACS + octets("88 e5") + octets(flags) + octets("00 00 00 00 01") + body + check


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (tagged("0c", octets("08 00") + IPV4 + TCP), "macsec"),  # encrypted
        (tagged("08", octets("08 00") + IPV4 + TCP), "macsec"),
        (tagged("04", octets("08 00") + IPV4 + TCP), "macsec"),  # changed, not encrypted
        (tagged("80", octets("08 00") + IPV4 + TCP), "macsec"),  # another version
        (tagged("00", b"", b"")[:-1], "link header truncated"),
        (tagged("00", b"\x08"), "link header truncated"),  # nothing but a check value
        (tagged("20", octets("08 00") + bytes(7)), "link header truncated"),  # half a channel
        (tagged("00", octets("88 cc") + bytes(9)), "ethertype 0x88cc"),
        (tagged("00", octets("00 08 42 42 03 00 00 00 00 00")), "llc sap 0x42"),
    ],
)
def test_others_are_named(data: bytes, reason: str) -> None:
    assert decoded(data).reason == reason


def test_the_check_value_is_no_payload() -> None:
    """Also where the sender left IP's length to the network card."""
    for length in ("00 2c", "00 00"):
        found = decoded(tagged("40", octets("08 00 45 00") + octets(length) + IPV4[4:] + TCP))
        assert (found.outcome, found["payload"]) == (DONE_TCP, 4)
