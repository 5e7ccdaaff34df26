"""Zeek's conn_state and history from our tables: docs/zeek.sql on a story of each state.

The states and letters are those of Zeek's documentation of conn.log.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner

from pcapdiag.cli import pcapdiag
from tests.flows.stories import ACK, FIN, RST, Packet, dialogue, handshake, says
from tests.flows.traffic import write

ROOT: Final = Path(__file__).parents[2]
QUERY: Final = (ROOT / "docs" / "zeek.sql").read_text(encoding="utf-8")
STATES: Final = {
    "S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH",
}  # fmt: skip

SYN_ONLY: Final = handshake()[:1]
ANSWER: Final = handshake()[1:2]
SHOOK: Final = handshake()
TALK: Final = [*SHOOK, says(30, 101, 501, b"QUIT\r\n")]
OUR_FIN: Final = Packet(60, FIN | ACK, 107, 501)
THEIR_FIN: Final = Packet(70, FIN | ACK, 501, 107, back=True)
OUR_RESET: Final = Packet(80, RST, 107)
THEIR_RESET: Final = Packet(80, RST | ACK, 501, 107, back=True)

STORIES: Final = {
    "S0": (SYN_ONLY, "S"),
    "S1": (TALK, "ShAD"),
    "SF": (dialogue(), "ShAdDfFa"),
    "REJ": ([*SYN_ONLY, Packet(5, RST | ACK, 0, 101, back=True)], "Sr"),
    "S2": ([*TALK, OUR_FIN], "ShADF"),
    "S3": ([*TALK, THEIR_FIN], "ShADf"),
    "RSTO": ([*TALK, OUR_RESET], "ShADR"),
    "RSTR": ([*TALK, THEIR_RESET], "ShADr"),
    "RSTOS0": ([*SYN_ONLY, Packet(5, RST, 101)], "SR"),
    "RSTRH": ([*ANSWER, Packet(50, RST, 501, back=True)], "hr"),
    "SH": ([*SYN_ONLY, Packet(5, FIN, 101)], "SF"),
    "SHR": ([*ANSWER, Packet(50, FIN | ACK, 501, 101, back=True)], "hf"),
    "OTH": (TALK[2:], "AD"),
}


def asked(path: Path) -> list[dict[str, Any]]:
    ran = CliRunner().invoke(pcapdiag, ["query", str(path), QUERY, "--format", "json"])
    assert ran.exit_code == 0, ran.stderr
    rows: list[dict[str, Any]] = json.loads(ran.stdout)
    return rows


def test_every_state_has_its_story() -> None:
    assert STORIES.keys() == STATES


def test_states_and_histories(tmp_path: Path) -> None:
    path = tmp_path / "states.pcap"
    packets = []
    for number, (story, _) in enumerate(STORIES.values()):
        ends = ("198.51.100.7", 40000 + number, "203.0.113.10", 25)
        packets += [replace(packet, ends=ends) for packet in story]
    write(path, packets)
    found = [(row["conn_state"], row["history"]) for row in asked(path)]
    assert found == [(state, history) for state, (_, history) in STORIES.items()]


@pytest.mark.parametrize("name", ["story.pcap"])
def test_a_sample(name: str) -> None:
    rows = asked(ROOT / "samples" / name)
    assert {row["conn_state"] for row in rows} <= STATES
    for row in rows:
        assert len(set(row["history"])) == len(row["history"])
        assert (row["conn_state"] == "SF") <= {"F", "f"}.issubset(row["history"])
        assert (row["conn_state"] == "S0") <= ("h" not in row["history"])
