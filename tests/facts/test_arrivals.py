"""SYNs that the balancer's capture shows unanswered, and the server's capture shows arriving."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pcapdiag.facts import build
from pcapdiag.flows.result import CaptureFacts
from pcapdiag.flows.table import FlowTable
from pcapdiag.settings import Settings
from tests.rules.story import REMOTE, SILENT, Story, kept
from tests.sessions.table import MS

ISN: dict[str, Any] = {"isn": [4_000_000_000, -1]}


def both_files(point: str = "", **there: Any) -> list[Any]:
    """Return what is known of the arrival; the second file repeats the back, with some columns changed."""
    story = Story().session(
        REMOTE, kept(**SILENT, **ISN), mode="transparent", outcome="failed", **ISN
    )
    on_balancer = story.wait(10).traffic()
    copied: NDArray[Any] = on_balancer.flows.records[1:2].copy()
    copied["file"], copied["whole"], copied["flow"] = 1, 2, 0
    copied["first_ns"] += MS
    copied["syn_frame"] = 77
    for name, value in there.items():
        copied[name] = value
    captures = (
        *on_balancer.captures,
        CaptureFacts("server.pcap", on_balancer.captures[0].account, (), {}),
    )
    traffic = replace(
        on_balancer,
        flows=FlowTable(np.concatenate([on_balancer.flows.records, copied])),
        captures=captures,
    )
    settings = Settings(points=(("server.pcap", point),) if point else ())
    tables = build(traffic, story.topology(), story.sessions, settings)
    return [*tables.query("select arrived_file, arrived_frame from back").rows[0]]


def test_the_servers_capture_shows_the_same_syn() -> None:
    assert both_files("server") == ["server.pcap", 77]
    assert both_files(link_direction=[0, -1]) == ["server.pcap", 77]


@pytest.mark.parametrize("point", ["", "balancer", "router", "client"])
def test_a_capture_that_may_be_from_elsewhere_proves_nothing(point: str) -> None:
    assert both_files(point) == [None, None]


@pytest.mark.parametrize(
    "there",
    [
        pytest.param({"isn": [5, -1]}, id="another attempt"),
        pytest.param({"packets": [3, 3], "handshake": 3}, id="it was answered there"),
        pytest.param({"link_direction": [4, -1]}, id="the capturing host sent it"),
    ],
)
def test_only_the_same_silent_syn_that_arrives_counts(there: dict[str, Any]) -> None:
    assert both_files("server", **there) == [None, None]
