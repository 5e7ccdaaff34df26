"""Every sample and every lab example: its packets have its truth, and the report says it."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.lab.flaws import FLAWS
from tests.lab.flaws import main as make_flaws
from tests.lab.make import write_sources
from tests.lab.scenarios import all_scenarios
from tests.packets import differences, tshark_fields
from tests.scoring import analyse, score
from tests.truth import Truth, TruthCapture, find_truths

ROOT: Final = Path(__file__).resolve().parents[1]
SAMPLES: Final = ROOT / "samples"
EXAMPLES: Final = ROOT / ".." / "shared" / "lab-examples"
TRUTHS: Final = [*find_truths(SAMPLES), *(find_truths(EXAMPLES) if EXAMPLES.is_dir() else ())]
JUDGED: Final = [
    pytest.param(truth, capture, id=f"{truth.name}-{capture.path.name.partition('.')[0]}")
    for truth in TRUTHS
    for capture in truth.captures
    if capture.verdicts
]


@pytest.mark.parametrize(("truth", "capture"), JUDGED)
def test_the_report_says_the_truth(truth: Truth, capture: TruthCapture) -> None:
    result = score(truth, capture, analyse(capture.path))
    assert result.right, "\n".join((result.line(), *result.details[:10]))


def test_lab_examples_are_there() -> None:
    if not EXAMPLES.is_dir():
        pytest.skip("../shared/lab-examples is not here: judged on our own samples only")
    assert len([truth for truth in TRUTHS if truth.document.get("facts") is not None]) >= 10


@pytest.mark.tshark
@pytest.mark.parametrize("truth", [pytest.param(t, id=t.name) for t in find_truths(SAMPLES)])
def test_the_packets_have_the_truth(truth: Truth) -> None:
    on_balancer = [c.path for c in truth.captures if c.whole and c.verdicts]
    assert [line for path in on_balancer for line in differences(truth, path)] == []


@pytest.mark.tshark
@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("story.pcap", {"192.0.2.1"}),
        ("story-firewall.pcap.gz", set()),
        ("story-warm-arp.pcap.gz", set()),
        ("dnat-story.pcap.gz", {"192.0.2.1"}),
        ("story-direct.pcapng.gz", {"192.0.2.30", "192.0.2.31", "192.0.2.32"}),
        ("icmp-redirect.pcap.gz", {"192.0.2.1"}),
        ("transparent-healthy.pcap.gz", set()),
    ],
)
def test_whom_the_server_asks_for(name: str, asked: set[str]) -> None:
    """The evidence that tells the story from its look-alikes: broadcast ARP of the server."""
    own = {"192.0.2.173"}  # The balancer: the right answer to be asked for.
    rows = tshark_fields(
        SAMPLES / name,
        "arp.opcode == 1 && eth.dst == ff:ff:ff:ff:ff:ff && arp.src.hw_mac == 02:00:00:02:00:74",
        "arp.dst.proto_ipv4",
    )
    assert {row[0] for row in rows} - own == asked


def test_every_scenario_has_its_sample_and_no_sample_is_left_over() -> None:
    truths = {truth.name: truth for truth in find_truths(SAMPLES)}
    kept = {name: scenario for name, scenario in all_scenarios().items() if scenario.sample}
    assert set(truths) == {*kept, *(flaw.id for flaw in FLAWS)}
    files = {capture.path.name for truth in truths.values() for capture in truth.captures}
    assert files == {file.name for file in SAMPLES.glob("*.pcap*")}
    for name, scenario in kept.items():
        assert scenario.verdict == truths[name].document["expected"]["verdict"], name
        assert scenario.must_not == truths[name].must_not, name


def test_samples_are_small_and_their_addresses_are_for_documentation() -> None:
    for file in SAMPLES.glob("*.pcap*"):
        assert file.stat().st_size < 60_000, file.name
    kept = re.compile(r"^(192\.0\.2|198\.51\.100|203\.0\.113)\.|^2001:db8:")
    for truth in find_truths(SAMPLES):
        for connection in truth.connections:
            for flow in (connection.front, *connection.backs):
                assert kept.match(flow[0]), flow
                assert kept.match(flow[2]), flow


def test_flawed_samples_are_made_from_the_good_ones(tmp_path: Path) -> None:
    for name in sorted({flaw.base for flaw in FLAWS}):
        for file in SAMPLES.glob(f"{name}.*"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    assert make_flaws(["--to", str(tmp_path)]) == 0
    for file in SAMPLES.glob("flaw-*"):
        assert file.read_bytes() == (tmp_path / file.name).read_bytes(), file.name


def test_sources_are_fresh(tmp_path: Path) -> None:
    for file in SAMPLES.glob("*.json"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    fresh = write_sources(tmp_path).read_text(encoding="utf-8")
    assert (SAMPLES / "SOURCES.md").read_text(encoding="utf-8") == fresh
