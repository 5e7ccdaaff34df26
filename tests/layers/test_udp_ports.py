"""Ports of other protocols."""

import subprocess

import pytest

from pcapdiag.layers.udp import is_taken, layer_of_port
from pcapdiag.layers.udp_ports import TAKEN


def test_search() -> None:
    taken = set(TAKEN.tolist())
    assert [port for port in range(65536) if is_taken(port)] == sorted(taken)


@pytest.mark.tshark
def test_wireshark_names_them() -> None:
    ran = subprocess.run(["tshark", "-G", "decodes"], capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in ran.stdout.splitlines()]
    ports = {int(row[1]) for row in rows if row[0] == "udp.port"}
    nothing = memoryview(b"")
    encapsulations = {port for port in ports if layer_of_port(nothing, 0, 0, port)}
    assert set(TAKEN.tolist()) == ports - encapsulations - {0}
