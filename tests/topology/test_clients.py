"""On-link and routed clients, by claims and TTLs."""

from ipaddress import ip_address
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.events import NEIGHBOR
from pcapdiag.flows.legs import legs_of
from pcapdiag.topology.clients import access
from tests.sessions.table import MS, S, leg, traffic, words

VIP = "192.0.2.10:25"
ROUTER_MAC, CLIENT_MAC = 0xB, 0xA


def claim(address: str, mac: int) -> NDArray[Any]:
    row = np.zeros(1, NEIGHBOR)
    row["ip_version"], row["kind"] = ip_address(address).version, 1
    row["sender"][0], row["sender_mac"] = words(address), mac
    row["target_mac"] = -1
    return row


def test_claims_tell_on_link_clients_even_when_many_share_a_mac() -> None:
    near = [leg(f"192.0.2.{n}:1000", VIP, S + n * MS, ttl=[64, 64]) for n in (31, 32)]
    far = [leg(f"198.51.100.{n}:1000", VIP, S + n * MS, ttl=[63, 64]) for n in (41, 42)]
    for row in near:
        row["mac"][0, 0] = [CLIENT_MAC, 1]
    for row in far:
        row["mac"][0, 0] = [ROUTER_MAC, 1]
    seen = traffic(*near, *far)
    neighbors = np.concatenate(
        [
            claim("192.0.2.31", CLIENT_MAC),
            claim("192.0.2.32", CLIENT_MAC),
            claim("192.0.2.1", ROUTER_MAC),
        ]
    )
    legs = legs_of(seen.flows, 0)
    found = access(legs, np.ones(4, np.bool_), neighbors, np.array([1]))
    assert {str(a) for a in found.on_link} == {"192.0.2.31", "192.0.2.32"}
    assert {str(a) for a in found.routed} == {"198.51.100.41", "198.51.100.42"}
    assert [(g.mac, [str(a) for a in g.addresses]) for g in found.gateways] == [
        (ROUTER_MAC, ["192.0.2.1"])
    ]


def test_without_claims_only_a_lowered_ttl_tells() -> None:
    fresh = leg("192.0.2.31:1000", VIP, S, ttl=[64, 64])
    worn = leg("198.51.100.41:1000", VIP, S, ttl=[63, 64])
    for row in (fresh, worn):
        row["mac"][0, 0] = [ROUTER_MAC, 1]
    legs = legs_of(traffic(fresh, worn).flows, 0)
    found = access(legs, np.ones(2, np.bool_), np.zeros(0, NEIGHBOR), np.array([1]))
    assert not found.on_link
    assert {str(a) for a in found.routed} == {"198.51.100.41"}


def test_no_macs_no_claim_about_clients() -> None:
    legs = legs_of(traffic(leg("198.51.100.41:1000", VIP, S, ttl=[63, 64])).flows, 0)
    found = access(legs, np.ones(1, np.bool_), np.zeros(0, NEIGHBOR), np.array([], np.int64))
    assert not found.on_link
    assert not found.routed
