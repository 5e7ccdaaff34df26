"""ICMP errors."""

import pytest

from pcapdiag.layers.packet import DONE_ICMP
from tests.layers.frames import IPV4, TCP, decoded, octets

RAW = 101
OUTER = IPV4[:2] + octets("00 38") + IPV4[4:9] + octets("01") + IPV4[10:]


def error(first: str, quoted: bytes = IPV4 + TCP[:8]) -> bytes:
    return OUTER + octets(first) + quoted


def test_fragmentation_needed() -> None:
    found = decoded(
        error("""
            03 04 00 00              # unreachable, fragmentation needed
            00 00 05 78              # next-hop MTU 1400
        """),
        RAW,
    )
    assert found.outcome == DONE_ICMP
    assert (found["icmp_type"], found["icmp_code"], found["icmp_mtu"]) == (3, 4, 1400)
    assert (found["quoted_source"][0], found["quoted_destination_port"]) == (0xC6336407, 25)


def test_redirect() -> None:
    found = decoded(error("05 01 00 00  c0 00 02 01"), RAW)
    assert found["icmp_gateway"] == [0xC0000201, 0, 0, 0]
    assert found["icmp_mtu"] == -1


@pytest.mark.parametrize("kind", ["03 01", "04 00", "0b 00", "0c 00"])
def test_other_errors(kind: str) -> None:
    assert decoded(error(f"{kind} 00 00 00 00 00 00"), RAW).outcome == DONE_ICMP


def test_messages_that_are_no_errors() -> None:
    assert decoded(error("08 00 00 00 00 01 00 01"), RAW).reason == "icmp"


def test_cut() -> None:
    assert decoded(OUTER + octets("03 04 00"), RAW, wire=56).reason == "icmp truncated"
    found = decoded(error("03 01 00 00 00 00 00 00", IPV4[:19]), RAW, wire=56)
    assert (found.outcome, found["quoted_version"]) == (DONE_ICMP, 0)
