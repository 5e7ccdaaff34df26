"""Community ids against the specification's own example and against tshark."""

import shutil
import subprocess
from ipaddress import ip_address
from pathlib import Path

import pytest

from pcapdiag.flows.community_id import community_id

SAMPLES = Path(__file__).parents[2] / "samples"


def test_example_of_the_specification() -> None:
    low, high = ip_address("128.232.110.120").packed, ip_address("66.35.250.204").packed
    assert community_id(low, 34855, high, 80) == "1:LQU9qZlK+B5F3KDmev6m5PMibrg="
    assert community_id(high, 80, low, 34855) == "1:LQU9qZlK+B5F3KDmev6m5PMibrg="


def test_ports_order_the_ends_of_one_address() -> None:
    here = ip_address("10.0.0.1").packed
    assert community_id(here, 1, here, 2) == community_id(here, 2, here, 1)


@pytest.mark.tshark
@pytest.mark.parametrize("name", ["story.pcap", "ipv6-story.pcap.gz"])
def test_as_tshark_computes_it(name: str) -> None:
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("tshark is not installed")
    fields = [
        "ip.src",
        "ipv6.src",
        "tcp.srcport",
        "ip.dst",
        "ipv6.dst",
        "tcp.dstport",
        "communityid",
    ]
    command = [tshark, "-r", str(SAMPLES / name), "-Y", "tcp && !icmp && !icmpv6"]
    command += ["--enable-protocol", "communityid", "-T", "fields"]
    for field in fields:
        command += ["-e", field]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(lines) > 20
    for line in set(lines):
        v4, v6, port, v4_to, v6_to, port_to, expected = line.split("\t")
        source, destination = ip_address(v4 or v6).packed, ip_address(v4_to or v6_to).packed
        assert community_id(source, int(port), destination, int(port_to)) == expected
