"""Hostile shapes in small are read within bounds; `python -m tests.fuzz.shapes` measures them in large."""

from pathlib import Path

import pytest

from pcapdiag.flows.build import read_traffic
from pcapdiag.read import open_capture
from tests.fuzz.shapes import SHAPES, write
from tests.fuzz.target import check

TIMES = 200
FLOWS = {"connections": TIMES, "virtual networks": TIMES, "unacknowledged": 1, "tags": 0}
"""How many connections a shape holds; the others none, or one."""


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_shape_is_read_within_bounds(name: str, tmp_path: Path) -> None:
    path = tmp_path / "shape.pcap"
    write(path, name, TIMES)
    assert check(path, 1100) >= 0
    traffic = read_traffic([open_capture(str(path))], compiled=False)
    assert len(traffic.flows) == FLOWS.get(name, len(traffic.flows))
    assert len(traffic.flows) <= TIMES
