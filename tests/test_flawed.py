"""Verdicts on captures that lost, cut, doubled or mixed up what the samples hold: weaker ones, never others.

Of a network without faults nobody may conclude a fault; of a fault only what its remains show as well.
"""

import random
from pathlib import Path
from typing import Final

import pytest

from pcapdiag.pipeline import analyze
from pcapdiag.settings import Settings
from tests.flows.mutation.frames import load, write
from tests.flows.mutation.mutated import MUTATIONS

SAMPLES: Final = Path(__file__).resolve().parents[1] / "samples"
CHANGES: Final = (
    "lose", "lose_bursts", "lose_start", "lose_one_side", "lose_flags", "repeat", "cut", "swap",
)  # fmt: skip
MOST_FRAMES: Final = 20_000
WITHOUT_FAULT: Final = frozenset({"healthy", "inconclusive"})

SILENCE: Final = frozenset({"back-syn-unanswered", "vip-syn-unanswered"})
"""Without the frames that tell where an answer went, or why none came."""
CHECKED: Final = frozenset({"health-check-failing"})
"""Without the clients' sessions the balancer's own checks are left."""

REMAINS: Final = {
    "return-path-bypasses-balancer": SILENCE,
    "server-answers-client-directly": SILENCE,
    "icmp-redirect": SILENCE,
    "server-unreachable": SILENCE,
    "vip-not-resolved": SILENCE,
    "dsr-server-lacks-vip": SILENCE,
    "back-syn-unanswered": SILENCE | CHECKED,
    "retry-hides-dead-server": SILENCE | CHECKED,
    "server-port-closed": SILENCE | CHECKED | {"vip-port-closed"},
    "no-server-available": CHECKED
    | {"vip-port-closed", "server-port-closed", "service-answers-with-errors"},
    "server-answers-with-errors": frozenset({"service-answers-with-errors"}),
    "server-closed-early": frozenset({"service-closed-early"}),
    "duplicate-address": {"server-port-closed", "vip-port-closed"},
}
"""What else may be concluded from what is left of a fault; nothing but itself of the others."""


def verdict(path: Path) -> str:
    return analyze([path], Settings(compiled=False)).verdict.rule


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.pcap*")), ids=lambda path: path.name)
def test_no_other_fault_is_seen_in_what_is_left(path: Path, tmp_path: Path) -> None:
    whole = load(path, MOST_FRAMES)
    if whole is None:
        pytest.skip("several link types: the changes are made for one")
    true = verdict(path)
    allowed = {true} | REMAINS.get(true, frozenset()) | WITHOUT_FAULT
    for change in CHANGES:
        left = MUTATIONS[change](random.Random(f"{path.name} {change}"), whole)
        if left.frames:
            write(tmp_path / "left.pcap", left)
            assert verdict(tmp_path / "left.pcap") in allowed, change
