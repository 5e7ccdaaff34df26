"""Answers that leave for another MAC: when that means something, and whose MAC it is."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pcapdiag.facts.addresses import number_addresses
from pcapdiag.facts.astray import astray, astray_columns
from pcapdiag.flows.events import NEIGHBOR, NEIGHBOR_KINDS
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import FlowTable
from tests.sessions.table import S, leg, traffic, words

CLIENT, SERVER, BALANCER = "198.51.100.40", "192.0.2.74", "192.0.2.173"
SENDER, ROUTER, OWN = 0x173, 0x1, 0x74


def call(
    client: str = CLIENT, to: int = ROUTER, taken: bool = False, port: int = 1
) -> NDArray[Any]:
    """A SYN from the balancer's MAC; its SYN-ACK leaves for another one, and is refused or taken."""
    row = leg(f"{client}:{port}", f"{SERVER}:25", S, handshake="complete" if taken else "partial")
    row["mac"][0, 0], row["mac"][0, 1] = (SENDER, OWN), (OWN, to)
    row["syn_ack_count"], row["syn_ack_frame"] = 1, 7
    row["resets"][0, 0], row["mac_changes"][0, 0] = (0, 0) if taken else (1, 1)
    row["reset_ns"][0, 0] = -1 if taken else row["syn_ns"][0] + 1
    return row


def fair() -> NDArray[Any]:
    return call(BALANCER, SENDER, taken=True, port=9)


def looked(to: int = SENDER) -> NDArray[Any]:
    """A SYN, and an RST from the same MAC as soon as the SYN-ACK came: a check of the port alone."""
    row = call(BALANCER, to, port=9)
    row["mac_changes"][0, 0] = 0
    return row


def repeated(senders: int = 2) -> NDArray[Any]:
    """The SYN is sent again after an RST in its initiator's name, from one MAC or from two."""
    row = call()
    row["syn_count"], row["last_syn_ns"] = 2, row["syn_ns"] + S
    row["mac_changes"][0, 0] = senders - 1
    return row


def claim(address: str, mac: int) -> NDArray[Any]:
    row = np.zeros(1, NEIGHBOR)
    row["kind"], row["ip_version"] = NEIGHBOR_KINDS.index("arp-reply"), 4
    row["sender"][0], row["sender_mac"] = words(address), mac
    return row


def columns(found: Traffic) -> dict[str, Any]:
    return {
        name: values.tolist()
        for name, values in astray_columns(found, number_addresses(found)).items()
    }


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([fair(), call()], 1),
        ([fair(), call(to=SENDER)], 0),  # it went back where the SYN came from
        ([fair(), call(taken=True)], 0),  # routers in pairs: it arrived all the same
        ([call()], 0),  # nobody is answered fairly: the network's habit
        ([looked(), call()], 1),  # a health check is answered fairly, too
        ([fair(), looked(to=ROUTER)], 0),  # a scan: whoever sent the SYN got its answer
        ([repeated()], 1),  # who refused the answer is not who waits for it
        ([repeated(senders=1)], 0),
        ([fair(), call(to=-1)], -1),
    ],
)
def test_only_a_lost_answer_beside_fair_ones_is_astray(
    rows: list[NDArray[Any]], verdict: int
) -> None:
    assert astray(FlowTable(np.concatenate(rows)))[-1] == verdict


def test_the_next_hop_is_named_by_who_claims_the_mac() -> None:
    found = replace(traffic(fair(), call()), neighbors=claim("192.0.2.1", ROUTER))
    shown = columns(found)
    assert shown["answer_astray"] == [0, 1]
    assert shown["astray_hop"] == ["", "192.0.2.1 (00:00:00:00:00:01)"]
    assert shown["astray_to_client"] == [-1, 0]


def test_a_mac_that_nobody_claims_stays_a_mac() -> None:
    assert columns(traffic(fair(), call()))["astray_hop"] == ["", "00:00:00:00:00:01"]


def test_a_client_that_claims_the_mac_is_answered_directly() -> None:
    shown = columns(replace(traffic(fair(), call()), neighbors=claim(CLIENT, ROUTER)))
    assert shown["astray_to_client"] == [-1, 1]
    assert shown["astray_hop"] == ["", "00:00:00:00:00:01"]
