"""Rules over real captures: each fires where its file says so, and stays silent where it says so."""

from functools import lru_cache
from pathlib import Path

import dpkt
import pytest

from pcapdiag import analyze
from pcapdiag.report.model import Report
from pcapdiag.rules import load
from pcapdiag.settings import Settings
from tests.truth import find_truths

ROOT = Path(__file__).parents[2]
FOLDERS = {"samples": ROOT / "samples", "lab": ROOT.parent / "shared" / "lab-examples"}
CASES = [
    (name, rule.id, fires)
    for rule in load()
    for fires, names in ((True, rule.fires), (False, rule.silent))
    for name in names
]


@lru_cache(maxsize=64)
def report(name: str) -> Report:
    """Analyse the first balancer capture of a sample, else its first capture."""
    kind, _, story = name.partition("/")
    folder = FOLDERS[kind] if kind == "samples" else FOLDERS[kind] / story
    if not folder.is_dir():
        pytest.skip(f"{folder.name} is not beside this checkout: {name} was not judged")
    truth = next(truth for truth in find_truths(folder) if truth.name == story)
    captures = [c for c in truth.captures if c.verdicts] or list(truth.captures)
    return analyze([captures[0].path])


@pytest.mark.parametrize(("name", "rule", "fires"), CASES)
def test_rule_fires_or_stays_silent(name: str, rule: str, fires: bool) -> None:
    found = report(name)
    said = {finding.rule for finding in found.findings} | {limit.id for limit in found.limits}
    assert (rule in said) == fires, sorted(said)


def test_the_seed_case_from_the_balancer_alone() -> None:
    found = report("lab/s03a-seed")
    finding = found.findings[0]
    assert (finding.rule, finding.certainty) == ("return-path-bypasses-balancer", "likely")
    assert finding.affected == 12
    assert 9 in {frame.number for frame in finding.frames}  # the server's ARP for the router
    assert any("for comparison" in frame.note for frame in finding.frames)
    assert "snat-for-local-clients" in {f.rule for f in found.findings}


def test_the_look_alike_names_both_causes_and_the_capture_that_tells() -> None:
    finding = report("lab/s03g-neg-server-firewall").findings[0]
    assert finding.rule == "back-syn-unanswered"
    assert "route to the client" in finding.means
    assert "filter" in finding.means
    assert finding.next_capture
    assert "tcpdump" in finding.next_capture[0].command


def of_points(story: str, *files: str, at_server: str = "") -> Report:
    """Analyse captures of one lab example together; without names all of them.

    `at_server` is the one that the user says was taken at the server.
    """
    folder = FOLDERS["lab"] / story
    if not folder.is_dir():
        pytest.skip(f"{FOLDERS['lab'].name} is not beside this checkout: {story} was not judged")
    points = ((str(folder / at_server), "server"),) if at_server else ()
    chosen = [folder / file for file in files] or sorted(folder.glob("*.pcap*"))
    return analyze(chosen, Settings(points=points))


def test_the_router_alone_proves_the_seed_case() -> None:
    """It forwards the client's call to the VIP, and an answer whose SYN never passed there."""
    found = of_points("s03a-seed", "router-any.pcap")
    assert found.findings[0].rule == "return-path-bypasses-balancer"
    assert (found.findings[0].certainty, found.findings[0].affected) == ("proved", 12)
    assert not found.topology.balancers


def test_four_captures_of_the_seed_case_are_one_network() -> None:
    found = of_points("s03a-seed")
    finding = found.findings[0]
    assert (finding.rule, finding.certainty) == ("return-path-bypasses-balancer", "proved")
    assert (finding.affected, finding.of) == (12, 24)
    assert [line.address for line in found.topology.balancers] == ["10.20.2.173"]
    assert [line.reason for line in found.topology.gateways] != [""]
    assert "snat-for-local-clients" in {f.rule for f in found.findings}


@pytest.mark.parametrize("file", ["client.pcap", "router-any.pcap"])
def test_the_look_alike_from_the_clients_side_says_what_is_seen_and_what_is_not(file: str) -> None:
    finding = of_points("s03g-neg-server-firewall", file).findings[0]
    assert (finding.rule, finding.affected) == ("balancer-gateway-timeout", 12)
    assert "closes it after 9.0 s" in finding.summary
    assert "not in this capture" in finding.summary
    assert finding.next_capture[0].where.startswith("on the balancer")


def test_the_look_alike_at_the_server_blames_the_server_and_no_service() -> None:
    found = of_points("s03g-neg-server-firewall", "server74.pcap")
    (finding,) = found.findings
    assert (finding.rule, finding.affected, finding.of) == ("back-syn-unanswered", 6, 12)
    assert "the real server 10.20.2.74:25" in finding.summary
    assert "10.20.2.173 passes on" in finding.summary
    assert [line.address for line in found.topology.servers] == ["10.20.2.74"]
    assert [line.address for line in found.topology.balancers] == ["10.20.2.173"]
    assert not found.topology.vips


@pytest.mark.parametrize("files", [("lb-any.pcap", "server74.pcap"), ()])
def test_balancer_and_server_together_prove_that_the_server_drops(files: tuple[str, ...]) -> None:
    found = of_points("s03g-neg-server-firewall", *files, at_server="server74.pcap")
    finding = found.findings[0]
    assert (finding.rule, finding.certainty) == ("back-syn-unanswered", "proved")
    assert (finding.affected, finding.of) == (12, 24)
    assert "the server itself drops them" in finding.summary
    assert "server74.pcap" in {frame.file for frame in finding.frames}


def test_a_capture_that_may_be_the_balancers_own_blames_nobody() -> None:
    """The frames of the server's capture alone look like those of the balancer's, filtered."""
    for files in ("server74.pcap",), ("lb-any.pcap", "server74.pcap"):
        finding = of_points("s03g-neg-server-firewall", *files).findings[0]
        assert (finding.rule, finding.certainty) == ("back-syn-unanswered", "likely")
        assert "do not show why" in finding.summary
        assert any("--point" in capture.why for capture in finding.next_capture)


def test_the_story_filtered_on_the_server_does_not_blame_it(tmp_path: Path) -> None:
    """What `tcpdump host 192.0.2.74` takes on the balancer: the server's answer passes elsewhere."""
    story, filtered = FOLDERS["samples"] / "story.pcap", tmp_path / "filtered.pcap"
    server = bytes([192, 0, 2, 74])
    with story.open("rb") as source, filtered.open("wb") as target:
        writer = dpkt.pcap.Writer(target)
        for time, frame in dpkt.pcap.Reader(source):
            if frame[12:14] == b"\x08\x06" or server in (frame[26:30], frame[30:34]):
                writer.writepkt(frame, time)
    finding = analyze([filtered]).findings[0]
    assert finding.certainty != "proved"
    assert "this host drops them" not in finding.summary
    together = analyze([story, filtered]).findings[0]
    assert together.rule == "return-path-bypasses-balancer"
