"""IPv6 and its extension headers."""

from typing import Final

from pcapdiag.layers.packet import DONE_FRAGMENT, DONE_TCP, STOP
from tests.layers.frames import TCP, decoded, octets

RAW = 101
ADDRESSES: Final = octets("""
    20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 07  # 2001:db8::7
    20 01 0d b8 00 01 00 00 00 00 00 00 00 00 00 0a  # 2001:db8:1::a
""")


def header(length: int, protocol: int) -> bytes:
    return octets(f"60 00 00 00  {length:04x}  {protocol:02x}  3f") + ADDRESSES


IPV6: Final = header(24, 6)


def test_fields() -> None:
    found = decoded(IPV6 + TCP, RAW)
    assert found.outcome == DONE_TCP
    assert found["source"] == [0x20010DB8, 0, 0, 7]
    assert found["destination"] == [0x20010DB8, 0x00010000, 0, 0x0A]
    assert (found["ttl"], found["ip_id"], found["payload"]) == (63, -1, 4)


def test_extension_headers_are_skipped() -> None:
    extensions = octets("""
        3c 00 05 02 00 00 01 00                          # hop by hop: router alert
        33 01 01 0c 00 00 00 00 00 00 00 00 00 00 00 00  # destination options, 16 octets
        06 02 00 00 00 00 00 01 00 00 00 02 00 00 00 00  # authentication, (2 + 2) words
    """)
    found = decoded(header(24 + 40, 0) + extensions + TCP, RAW)
    assert (found.outcome, found["payload"]) == (DONE_TCP, 4)


def test_mobility_headers_carry_nothing() -> None:
    assert decoded(header(32, 135) + octets("06 00 01 00 00 00 00 00") + TCP, RAW).outcome == STOP


def test_fragments() -> None:
    first = header(32, 44) + octets("06 00 00 01 00 00 00 09") + TCP
    assert (decoded(first, RAW).outcome, decoded(first, RAW)["fragment_id"]) == (DONE_FRAGMENT, 9)
    later = header(32, 44) + octets("06 00 00 09 00 00 00 09") + TCP
    assert (decoded(later, RAW).outcome, decoded(later, RAW)["fragment_offset"]) == (
        DONE_FRAGMENT,
        8,
    )
    assert decoded(later[:-2], RAW, wire=len(later)).reason == "fragment"
    atomic = header(32, 44) + octets("06 00 00 00 00 00 00 09") + TCP
    assert decoded(atomic, RAW)["fragment"] == 0


def test_length_0_is_the_frame_s() -> None:
    assert decoded(header(0, 6) + TCP + bytes(3000), RAW)["payload"] == 3004


def test_malformed() -> None:
    assert decoded(IPV6[:39], RAW).reason == "ipv6 truncated"
    assert decoded(header(24, 0) + octets("00 00 00"), RAW).reason == "ipv6 truncated"
    assert decoded(octets("45") + IPV6[1:] + TCP, 229).reason == "ipv6 malformed"


def test_endless_extensions_end() -> None:
    chain = octets("00 00 01 04 00 00 00 00") * 60
    assert decoded(header(len(chain), 0) + chain, RAW).reason == "nested too deep"
