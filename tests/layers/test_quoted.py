"""Packets quoted in ICMP errors."""

from pcapdiag.layers.packet import Packet, plain_packet
from pcapdiag.layers.quoted import quoted
from tests.layers.frames import IPV4, TCP, octets
from tests.layers.test_ipv6 import IPV6, header


def read(data: bytes) -> Packet:
    packet = plain_packet()
    quoted(memoryview(data), 0, len(data), packet)
    return packet


def ports(data: bytes) -> tuple[int, int]:
    found = read(data)
    return found["quoted_source_port"], found["quoted_destination_port"]


def test_eight_octets_name_the_flow() -> None:
    found = read(IPV4 + TCP[:8])
    assert (found["quoted_version"], found["quoted_seq"], found["quoted_flags"]) == (4, 4096, -1)
    assert ports(IPV4 + TCP[:8]) == (32768, 25)


def test_a_whole_header_says_more() -> None:
    found = read(IPV4 + TCP)
    assert (found["quoted_ack"], found["quoted_flags"]) == (8192, 0x18)


def test_ipv6_with_an_extension_header() -> None:
    assert ports(IPV6 + TCP) == (32768, 25)
    assert ports(header(32, 60) + octets("06 00 01 04 00 00 00 00") + TCP) == (32768, 25)


def test_what_is_no_tcp_header_has_no_ports() -> None:
    assert ports(IPV4[:9] + octets("11") + IPV4[10:] + TCP) == (-1, -1)  # UDP
    assert ports(IPV4[:6] + octets("00 b9") + IPV4[8:] + TCP) == (-1, -1)  # a later fragment
    assert ports(IPV4 + TCP[:7]) == (-1, -1)


def test_cut_or_malformed() -> None:
    for data in (b"", IPV4[:19], octets("41") + IPV4[1:], IPV6[:39]):
        assert read(data)["quoted_version"] == 0
