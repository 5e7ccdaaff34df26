"""Payload read again by position equals what tshark shows."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from pcapdiag.flows.build import read_traffic
from pcapdiag.flows.events import EVENT_KINDS
from pcapdiag.payload import stream
from pcapdiag.read import open_capture

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.mark.tshark
@pytest.mark.parametrize(
    "name", ["story.pcap", "snat-healthy.pcap.gz", "two-arm-snat-healthy.pcapng.gz"]
)
def test_first_payloads_are_tsharks(name: str) -> None:
    path = SAMPLES / name
    traffic = read_traffic([open_capture(str(path))], compiled=False)
    spoken = traffic.events[traffic.events["kind"] == EVENT_KINDS.index("data")]
    ours = dict(zip(spoken["frame"].tolist(), stream.read(traffic, 0, spoken), strict=True))
    shown = subprocess.run(
        ["tshark", "-n", "-r", str(path), "-T", "fields", "-e", "frame.number", "-e", "tcp.payload"],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    theirs = dict(line.split("\t") for line in shown.splitlines())
    assert ours
    for frame, payload in ours.items():
        assert payload == bytes.fromhex(theirs[str(frame)])[: stream.LONGEST]


def test_what_was_never_seen_is_empty() -> None:
    traffic = read_traffic([open_capture(str(SAMPLES / "story.pcap"))], compiled=False)
    silent = np.flatnonzero(traffic.flows["first_data_position"][:, 1] < 0)
    assert len(silent)
    assert set(stream.first_data(traffic, 0, silent, direction=1)) == {b""}
