"""PPP: what is not read has a name; the rest is in stacks.py."""

import pytest

from tests.layers.frames import decoded, octets


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "link header truncated"),  # nothing
        ("ff 03", "link header truncated"),  # cut
        ("ff 03 00", "link header truncated"),  # half a protocol
        ("ff 03 c0 21", "ppp protocol 0xc021"),  # LCP
        ("2d 00", "ppp protocol 0x002d"),  # compressed TCP
        ("8f 00 80 35 00 00", "ethertype 0x8035"),  # Cisco's keep-alive
    ],
)
def test_others_are_named(header: str, reason: str) -> None:
    assert decoded(octets(header), 9).reason == reason
