"""ARP."""

from pcapdiag.layers.arp import REPLY, REQUEST
from pcapdiag.layers.packet import DONE_NEIGHBOR
from tests.layers.frames import MACS, decoded, octets

FRAME = (
    MACS
    + octets("08 06")
    + octets("""
    00 01 08 00 06 04        # Ethernet, IPv4
    00 01                    # request
    02 00 5e 00 00 01        # sender's MAC
    c0 00 02 4a              # 192.0.2.74
    00 00 00 00 00 00        # not known
    c0 00 02 01              # who has 192.0.2.1?
""")
)


def test_request() -> None:
    found = decoded(FRAME + bytes(18))
    assert (found.outcome, found["neighbor_kind"]) == (DONE_NEIGHBOR, REQUEST)
    assert (found["sender"][0], found["target"][0]) == (0xC000024A, 0xC0000201)
    assert (found["sender_mac"], found["target_mac"]) == (0x02005E000001, -1)


def test_reply() -> None:
    reply = FRAME[:21] + b"\x02" + FRAME[22:32] + octets("02 00 5e 00 00 09") + FRAME[38:]
    found = decoded(reply)
    assert (found["neighbor_kind"], found["target_mac"]) == (REPLY, 0x02005E000009)


def test_others_are_named() -> None:
    assert decoded(FRAME[:20] + octets("00 08") + FRAME[22:]).reason == "arp of another kind"
    assert decoded(FRAME[:16] + octets("86 dd") + FRAME[18:]).reason == "arp of another kind"
    assert decoded(FRAME[:41], wire=42).reason == "arp truncated"
    assert decoded(FRAME[:20]).reason == "arp truncated"
