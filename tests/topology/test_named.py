"""Names the user gave, as numbers of the legs."""

import numpy as np
import pytest

from pcapdiag.flows.legs import legs_of
from pcapdiag.settings import Endpoint
from pcapdiag.topology.named import addresses_named, endpoints_named
from tests.sessions.table import S, leg, traffic


@pytest.mark.parametrize(("port", "found"), [(25, 1), (None, 1), (80, 0)])
def test_a_vip_with_or_without_its_port(port: int | None, found: int) -> None:
    legs = legs_of(traffic(leg("198.51.100.1:1000", "192.0.2.10:25", S)).flows, 0)
    assert len(endpoints_named(legs, (Endpoint("192.0.2.10", port),))) == found


def test_a_network_names_the_addresses_in_it() -> None:
    legs = legs_of(traffic(leg("2001:db8::1:1000", "2001:db8:2::74:25", S)).flows, 0)
    numbers = np.arange(len(legs.addresses))
    chosen = addresses_named(numbers, legs.addresses, ("2001:db8:2::/64", "192.0.2.0/24"))
    assert [str(legs.addresses[n]) for n in numbers[chosen]] == ["2001:db8:2::74"]
