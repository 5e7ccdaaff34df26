"""The capture we measure with is a real one: whole, the same each time, and judged right."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.bench import dialogue
from tests.bench.generate import generate
from tests.scoring import analyse, score
from tests.truth import read_truth

PACKETS, SESSIONS = 8_000, 150


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "small.pcap"
    assert abs(generate(path, PACKETS, SESSIONS) - PACKETS) < PACKETS / 10
    return path


def test_same_numbers_give_the_same_bytes(capture: Path, tmp_path: Path) -> None:
    again = tmp_path / "small.pcap"
    generate(again, PACKETS, SESSIONS)
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (capture, again)}
    assert len(digests) == 1
    assert again.with_suffix(".json").read_bytes() == capture.with_suffix(".json").read_bytes()


def test_packets_are_as_large_as_real_ones(capture: Path) -> None:
    assert 450 < capture.stat().st_size / PACKETS < 800


def test_the_report_says_the_truth(capture: Path) -> None:
    truth = read_truth(capture.with_suffix(".json"))
    result = score(truth, truth.captures[0], analyse(capture))
    assert result.right, "\n".join((result.line(), *result.details[:10]))


@pytest.mark.parametrize(
    "steps", [dialogue.mail(9_000), dialogue.page(420, (12_000, 3_000)), dialogue.refused()]
)
def test_both_sides_acknowledge_all_that_was_sent(steps: np.ndarray) -> None:
    """On every leg the last acknowledgement covers the other side's last byte, and none runs ahead."""
    assert (np.diff(steps["time_us"]) >= 0).all()
    for leg, direction in ((leg, direction) for leg in (0, 1) for direction in (0, 1)):
        sent = steps[(steps["leg"] == leg) & (steps["direction"] == direction)]
        acked = steps[(steps["leg"] == leg) & (steps["direction"] == 1 - direction)]["ack"]
        flags = sent["flags"]
        space = sent["length"] + (flags & dialogue.SYN > 0) + (flags & dialogue.FIN > 0)
        if not (flags & dialogue.RST).any() and space.any():
            assert acked.max() == (sent["seq"] + space).max() == space.sum()
