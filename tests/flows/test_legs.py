"""Legs: hop records where a flow has them, whole records elsewhere; addresses numbered in order."""

from ipaddress import ip_address

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.flows.legs import address_of, legs_of
from pcapdiag.flows.table import FlowTable
from tests.sessions.table import S, leg, traffic, words


@given(st.ip_addresses())
def test_an_address_survives_its_words(address: object) -> None:
    text = str(address)
    version = ip_address(text).version
    assert str(address_of(np.array(words(text), np.uint32), version)) == str(ip_address(text))


@given(st.lists(st.ip_addresses(), min_size=1, max_size=6))
def test_addresses_are_numbered_in_order_and_once(addresses: list[object]) -> None:
    other = {4: "192.0.2.10:25", 6: "2001:db8::10:25"}
    rows = [
        leg(f"{a}:1000", other[ip_address(str(a)).version], S + n) for n, a in enumerate(addresses)
    ]
    legs = legs_of(traffic(*rows).flows, 0)
    assert list(legs.addresses) == sorted(set(legs.addresses), key=lambda a: (a.version, int(a)))
    found = [str(legs.addresses[number]) for number in legs.source]
    assert found == [str(ip_address(str(a))) for a in addresses]


def test_a_flow_with_hops_has_a_leg_for_each_hop() -> None:
    rows = [leg("198.51.100.1:1000", "192.0.2.10:25", S) for _ in range(3)]
    flows = np.concatenate(rows)
    flows["first_hop"], flows["hop"], flows["whole"] = [1, -1, -1], [-1, 0, 1], 0
    assert legs_of(FlowTable(flows), 0).record.tolist() == [1, 2]
