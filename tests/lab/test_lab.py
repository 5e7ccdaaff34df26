"""Plays scenarios live: the packets have the truth, the report says it, nothing is left behind."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.lab import available
from tests.lab.make import make
from tests.lab.network import Network
from tests.lab.processes import LabError, Running, start, wait_until
from tests.lab.scenarios import all_scenarios
from tests.packets import differences
from tests.scoring import analyse, score
from tests.truth import read_truth

ABLE, WHY = available()
needs_lab = pytest.mark.skipif(not ABLE, reason=WHY)


def namespaces() -> list[str]:
    done = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True)
    return [line for line in done.stdout.split() if line.startswith(f"pd{os.getpid()}-")]


@pytest.mark.lab
@needs_lab
@pytest.mark.parametrize("name", ["story", "snat-healthy", "dsr-healthy", "full-nat-healthy"])
def test_a_live_scenario_has_its_truth_and_gets_its_verdict(name: str, tmp_path: Path) -> None:
    truth = read_truth(make(all_scenarios()[name], tmp_path))
    capture = truth.captures[0]
    assert differences(truth, capture.path) == []
    result = score(truth, capture, analyse(capture.path))
    assert result.right, "\n".join((result.line(), *result.details[:10]))
    assert namespaces() == []


@pytest.mark.lab
@needs_lab
def test_a_laboratory_that_fails_is_removed_all_the_same() -> None:
    networks: list[Network] = []
    sleepers: list[Running] = []

    def fail() -> None:
        with Network() as network:
            networks.append(network)
            network.add_host("lb")
            sleepers.append(network.start("lb", ["sleep", "60"], "sleeper"))
            assert len(namespaces()) == 1
            network.ip("lb", "link show no-such-device")

    with pytest.raises(LabError, match="no-such-device"):
        fail()
    assert namespaces() == []
    assert [sleeper.process.poll() is not None for sleeper in sleepers] == [True]
    assert not networks[0].files.exists()


def test_waiting_is_bounded() -> None:
    with pytest.raises(LabError, match="for ever"):
        wait_until(lambda: False, "for ever", timeout_s=0.1)


def test_a_process_is_stopped_by_its_pid(tmp_path: Path) -> None:
    running = start(["sleep", "60"], tmp_path, "sleeper")
    running.stop()
    assert running.process.poll() is not None
    running.stop()


def test_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert available() == (False, "the laboratory needs root: it makes network namespaces")
