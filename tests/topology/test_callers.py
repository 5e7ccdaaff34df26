"""Balancers seen from the real server's side: who calls it, and for whom."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.flows.legs import legs_of
from pcapdiag.settings import Settings
from pcapdiag.topology.callers import Caller, callers, owned, reaching
from pcapdiag.topology.describe import describe
from pcapdiag.topology.roles import nobody
from tests.rules.story import BALANCER, MACS, PORT, REMOTE, SERVER, arp
from tests.sessions.table import MS, S, leg, traffic

CALLS = st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 2), st.integers(0, 5)), max_size=30)
CLAIMED = st.dictionaries(st.integers(0, 2), st.sets(st.integers(0, 5), max_size=3), max_size=3)


def slowly(
    calls: list[tuple[int, int, int]], claimed: dict[int, set[int]]
) -> dict[int, tuple[list[int], list[int]]]:
    """Do the same call by call; ties go to the lower MAC."""
    on_link = {client for clients in claimed.values() for client in clients}
    best: dict[int, tuple[list[int], list[int]]] = {}
    for service in sorted({call[0] for call in calls}):
        for mac in (0, 1, 2):
            mine = [at for at, call in enumerate(calls) if call[:2] == (service, mac)]
            own = [at for at in mine if calls[at][2] in claimed.get(mac, set())]
            others = [at for at in mine if calls[at][2] not in on_link]
            if own and others and len(others) > len(best.get(service, ([], []))[1]):
                best[service] = own, others
    return best


@given(CALLS, CLAIMED)
def test_callers_are_those_found_call_by_call(
    calls: list[tuple[int, int, int]], claimed: dict[int, set[int]]
) -> None:
    columns = np.array(calls, np.int64).reshape(-1, 3)
    found: list[Caller] = callers(columns[:, 0], columns[:, 1], columns[:, 2], claimed)
    assert {c.service: (c.own.tolist(), c.passed_on.tolist()) for c in found} == slowly(
        calls, claimed
    )


CALL = st.tuples(
    st.integers(-1, 2), st.integers(0, 4), st.booleans(), st.sampled_from((63, 64, 255))
)
CALLED = "10.0.1.1:25"
ADDRESSES = ("10.0.1.10", "10.0.1.11", "10.0.2.10", "10.0.2.11", "172.16.0.1")
"""The first two lie in the network of whom they call."""


@given(st.lists(CALL, min_size=1, max_size=30), st.sets(st.integers(0, 2), max_size=1))
def test_a_station_is_who_is_answered_where_others_from_elsewhere_are_not(
    calls: list[tuple[int, int, bool, int]], claiming: set[int]
) -> None:
    rows = [
        leg(f"{ADDRESSES[client]}:{4000 + n}", CALLED, S, packets=[1, heard], ttl=[ttl, -1])
        for n, (_, client, heard, ttl) in enumerate(calls)
    ]
    expected: dict[int, set[int]] = {mac: {9} for mac in claiming}
    for mac in {0, 1, 2} - claiming:
        mine = [call for call in calls if call[0] == mac]
        heard = {call[1] for call in mine if call[2]}
        silent = {call[1] for call in mine} - heard
        fits = all(call[3] != 63 and call[2] == (call[1] < 2) for call in mine)
        if len(heard) == 1 and len(silent) >= 2 and fits:
            expected[mac] = heard
    station = np.array([call[0] for call in calls], np.int64)
    client = np.array([call[1] for call in calls], np.int64)
    flows = traffic(*rows).flows
    known = {mac: {9} for mac in claiming}
    assert owned(station, client, flows, np.arange(len(calls)), known) == expected


def test_an_ipv6_network_has_half_of_the_bits() -> None:
    clients = ("2001:db8::7", "2001:db8:1::7", "2001:db8:1::8")
    rows = [
        leg(f"{client}:{4000 + n}", "2001:db8::1:25", S, packets=[1, n == 0], ttl=[64, -1])
        for n, client in enumerate(clients)
    ]
    numbers, macs = np.arange(3), np.zeros(3, np.int64)
    assert owned(macs, numbers, traffic(*rows).flows, numbers, {}) == {0: {0}}


@given(st.lists(st.tuples(st.integers(-1, 2), st.integers(0, 5)), max_size=20), CLAIMED)
def test_calls_to_a_routers_mac_reach_nobody_near(
    calls: list[tuple[int, int]], claimed: dict[int, set[int]]
) -> None:
    columns = np.array(calls, np.int64).reshape(-1, 2)
    expected = [not claimed.get(mac) or called in claimed[mac] for mac, called in calls]
    assert reaching(columns[:, 0], columns[:, 1], claimed).tolist() == expected


def test_what_a_balancer_calls_is_a_server_and_no_service() -> None:
    to = f"{SERVER}:{PORT}"
    macs = [[MACS[BALANCER], MACS[SERVER]], [-1, -1]]
    rows = [leg(f"{BALANCER}:4000", to, S, mac=macs), leg(f"{REMOTE}:4001", to, S + MS, mac=macs)]
    legs = legs_of(traffic(*rows).flows, 0)
    everyone, none = np.ones(2, np.bool_), np.empty(0, np.int64)
    said = arp("arp-reply", BALANCER, SERVER, S, False)
    found = describe(legs, nobody(), everyone, (none, none), ~everyone, ~everyone, said, Settings())
    assert found.vips == ()
    assert [str(role.address) for role in found.balancers] == [BALANCER]
    assert [(str(role.address), role.port) for role in found.servers] == [(SERVER, PORT)]
    assert "1 call of others" in found.servers[0].reason
