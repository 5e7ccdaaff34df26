"""Raw IP."""

import pytest

from pcapdiag.layers.packet import DONE_TCP
from tests.layers.frames import IPV4, TCP, decoded
from tests.layers.test_ipv6 import IPV6


@pytest.mark.parametrize("link_type", [12, 14, 101])
def test_version_decides(link_type: int) -> None:
    assert decoded(IPV4 + TCP, link_type)["ip_version"] == 4
    assert decoded(IPV6 + TCP, link_type)["ip_version"] == 6


def test_link_types_of_one_version() -> None:
    assert decoded(IPV4 + TCP, 228).outcome == DONE_TCP
    assert decoded(IPV6 + TCP, 229).outcome == DONE_TCP
    assert decoded(IPV6 + TCP, 228).reason == "ipv4 malformed"


def test_malformed() -> None:
    assert decoded(b"\x15", 101).reason == "not ip"
    assert decoded(b"", 101).reason == "link header truncated"
