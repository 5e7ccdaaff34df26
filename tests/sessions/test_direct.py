"""The same flow on two hops: direct server return, or a router."""

from ipaddress import ip_address
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pcapdiag.flows.legs import legs_of
from pcapdiag.flows.table import TUNNELS, FlowTable
from pcapdiag.sessions.direct import Hops, hops_of
from tests.sessions.table import S, leg

VIP = "192.0.2.10:25"
CLIENT_MAC, BALANCER_MAC, SERVER_MAC, OTHER_MAC = 0xA, 0xB, 0xC, 0xD
ALIVE: dict[str, Any] = {"highest_ack": [500, -1]}


def hops(
    answers: tuple[int, int] = (0, 0),
    first: tuple[int, int] = (CLIENT_MAC, BALANCER_MAC),
    second: tuple[int, int] = (BALANCER_MAC, SERVER_MAC),
    port: int = 1000,
    called: str = VIP,
    **columns: Any,
) -> NDArray[Any]:
    """Return a whole record with two hops; `answers`: packets to the initiator on each."""
    rows = [leg(f"198.51.100.1:{port}", called, S, **columns) for _ in range(3)]
    rows[0]["first_hop"], rows[0]["hop"] = 1, -1
    for number, (row, macs) in enumerate(zip(rows[1:], (first, second), strict=True)):
        row["hop"], row["mac"][0, 0] = number, macs
        row["packets"][0] = [3, answers[number]]
    return np.concatenate(rows)


def told(*flows: NDArray[Any], claims: dict[str, int] | None = None) -> Hops:
    table = np.concatenate(flows)
    for number in range(len(flows)):
        table["whole"][3 * number : 3 * number + 3] = 3 * number
        table["first_hop"][3 * number] = 3 * number + 1
    table["first_frame"] = np.arange(len(table)) + 1
    claimed = {ip_address(address): {mac} for address, mac in (claims or {}).items()}
    return hops_of(legs_of(FlowTable(table), 0), claimed)


HELD = {"192.0.2.10": BALANCER_MAC}


def test_whoever_holds_the_address_and_passes_its_packets_on_returns_directly() -> None:
    found = told(hops(), claims=HELD)
    assert (len(found.front), len(found.back), len(found.into)) == (1, 1, 0)
    assert found.passing.tolist() == [False, False]


@pytest.mark.parametrize(
    "flow",
    [hops(answers=(3, 3)), hops(answers=(0, 3)), hops(second=(CLIENT_MAC, SERVER_MAC))],
    ids=["answered", "answered on the way", "another sender"],
)
def test_a_flow_with_answers_or_of_another_sender_only_passes(flow: NDArray[Any]) -> None:
    found = told(flow, claims=HELD)
    assert (len(found.front), found.passing.tolist()) == (0, [False, True])


def test_a_router_passes_on_to_whoever_holds_the_address() -> None:
    found = told(hops(**ALIVE), claims={"192.0.2.10": SERVER_MAC, "192.0.2.1": BALANCER_MAC})
    assert (len(found.front), len(found.into), len(found.onward)) == (0, 1, 1)
    assert found.passing.tolist() == [False, True]


def test_flows_dealt_out_to_several_stations_are_balanced() -> None:
    other = hops(second=(BALANCER_MAC, OTHER_MAC), port=1001)
    assert len(told(hops(), other).front) == 2
    assert len(told(hops(), hops(port=1001)).front) == 0


def test_in_the_balancers_own_network_somebody_must_go_on_as_if_answered() -> None:
    near = {"192.0.2.173": BALANCER_MAC}
    assert len(told(hops(**ALIVE), hops(port=1001), claims=near).front) == 2
    assert len(told(hops(), claims=near).front) == 0
    assert len(told(hops(**ALIVE, called="203.0.113.9:443"), claims=near).front) == 0


def test_a_gateway_is_no_server() -> None:
    through = [leg(f"203.0.113.{n}:9", "192.0.2.173:25", S) for n in (1, 2)]
    for row in through:
        row["mac"][0, 0] = [SERVER_MAC, BALANCER_MAC]
    table = np.concatenate([hops(**ALIVE), *through])
    table["whole"], table["first_frame"] = [0, 0, 0, 3, 4], np.arange(5) + 1
    found = hops_of(legs_of(FlowTable(table), 0), {ip_address("192.0.2.173"): {BALANCER_MAC}})
    assert (len(found.front), len(found.into)) == (0, 1)


def test_through_a_tunnel_no_common_mac_is_needed() -> None:
    flow = hops(second=(CLIENT_MAC, SERVER_MAC))
    flow["tunnel"][2], flow["outer_version"][2] = TUNNELS.index("vxlan"), 4
    assert len(told(flow).front) == 1
