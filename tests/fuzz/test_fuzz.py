"""The short run of the fuzz target: the same inputs every time; `make fuzz` runs long."""

import os
import re
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from tests.fuzz.inputs import CORPUS, inputs, seeds
from tests.fuzz.run import BETWEEN, FOUND
from tests.fuzz.target import check

ROOT = Path(__file__).parents[2]
COUNT = 500


def test_inputs_are_the_same_every_time() -> None:
    assert list(islice(inputs(7), 100)) == list(islice(inputs(7), 100))
    assert list(islice(inputs(7), 100)) != list(islice(inputs(8), 100))


def test_seeds_hold_packets(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for data in seeds()[: -len(list(CORPUS.iterdir()))]:
        path.write_bytes(data)
        assert check(path, 1100) >= 4


def test_hostile_inputs_are_read_within_bounds() -> None:
    command = [sys.executable, "-m", "tests.fuzz.run", "--inputs", str(COUNT), "--seed", "11"]
    environment = {name: value for name, value in os.environ.items() if name != BETWEEN}
    ran = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert ran.returncode == 0, ran.stderr
    told = re.match(r"(\d+) inputs, (\d+) packets, .* (\d+) MiB", ran.stdout)
    assert told
    count, packets, memory = map(int, told.groups())
    assert count == COUNT
    assert packets > COUNT
    assert memory < 600
    assert not FOUND.exists() or not any(FOUND.iterdir())


def test_the_target_notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x"
    path.write_bytes(seeds()[0])
    monkeypatch.setattr("pcapdiag.read.capture.LARGE", -1)
    monkeypatch.setattr(
        "pcapdiag.read.pcap.Pcap.scan", lambda self, data, at, end, records, run: (1, at + 1, 1)
    )
    with pytest.raises(AssertionError):
        check(path, 1100)
