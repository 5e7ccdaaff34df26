"""Changed traffic is counted as tshark counts it; `make compare` changes the public captures, too."""

from pathlib import Path

import pytest

from pcapdiag.flows.build import read_traffic
from pcapdiag.read import open_capture
from tests.flows.mutation.frames import ETHERNET, Strange, find, write
from tests.flows.mutation.mutated import MUTATIONS, Case, differences, generated
from tests.flows.test_kernel import differing

NAMES = sorted(MUTATIONS.keys() - {"link", "noise"})
"""A link type holds for a whole file; noise shows by design what nobody defines."""
AT_A_TIME = 5


def changed(names: list[str], seed: str) -> Strange:
    """Return one capture with traffic for each kind of change, changed by it."""
    frames = []
    for number, name in enumerate(names):
        frames += Case((name,), seed).apply(generated(number, connections=4)).frames
    return Strange(ETHERNET, frames)


@pytest.mark.tshark
@pytest.mark.parametrize("first", range(0, len(NAMES), AT_A_TIME))
def test_flows_and_frames_are_tshark_s(first: int, tmp_path: Path) -> None:
    path = tmp_path / "mutated.pcap"
    write(path, changed(NAMES[first : first + AT_A_TIME], "1"))
    flows, found, frames = differences(path)
    assert flows > AT_A_TIME
    assert (found, frames) == ({}, "")


@pytest.mark.tshark
@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_other_link_layers_are_tshark_s(seed: str, tmp_path: Path) -> None:
    path = tmp_path / "mutated.pcap"
    write(path, Case(("link",), seed).apply(generated(1)))
    assert differences(path)[1:] == ({}, "")


def test_compiled_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "mutated.pcap"
    write(path, changed([*NAMES, "noise"], "2"))
    plain = read_traffic([open_capture(str(path))], compiled=False)
    assert len(plain.flows) > 100
    assert differing(plain, read_traffic([open_capture(str(path))], compiled=True)) == []


def test_changes_are_the_same_every_time() -> None:
    for name in NAMES:
        case = Case((name,), "7")
        assert case.apply(generated(7)) == case.apply(generated(7)), name


def test_most_changes_leave_tcp_to_compare() -> None:
    for name in NAMES:
        frames = Case((name,), "8").apply(generated(8)).frames
        assert sum(find(ETHERNET, frame.data) is not None for frame in frames) > 20, name
