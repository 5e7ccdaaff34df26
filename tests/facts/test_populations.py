"""How a server treats different sources, and how far apart the clients of a service are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.facts.populations import endpoints
from tests.rules.story import (
    LOCAL,
    OTHER_SERVER,
    REFUSED,
    SERVED,
    SERVER,
    SILENT,
    Story,
    back,
    kept,
)

PAIRS = st.tuples(st.integers(0, 50), st.integers(-1, 65535))


@given(st.sets(PAIRS), st.lists(PAIRS, min_size=1))
def test_every_end_point_is_found_where_it_is(
    known: set[tuple[int, int]], asked: list[tuple[int, int]]
) -> None:
    table = endpoints(known)
    address, port = (np.array(side, np.int64) for side in zip(*asked, strict=True))
    for pair, at in zip(asked, table.find(address, port).tolist(), strict=True):
        if pair in known:
            assert (int(table.address[at]), int(table.port[at])) == pair
        else:
            assert at == -1


def story() -> Story:
    made = Story()
    for number in range(3):
        made.session(f"192.0.2.3{number}", back(), **SERVED)
        made.session(f"198.51.100.4{number}", kept(**SILENT), mode="transparent", outcome="failed")
    return made.session(LOCAL, back(OTHER_SERVER, **REFUSED), outcome="failed").wait(10)


def test_a_server_is_told_by_who_asks_it() -> None:
    names = (
        "balancer_sourced, balancer_answered, client_sourced, client_unanswered, sessions_failed"
    )
    rows = story().tables().query(f"select address, {names} from server order by 1").rows
    assert rows == [(SERVER, 3, 3, 3, 3, 3), (OTHER_SERVER, 1, 0, 0, 0, 1)]


def test_the_networks_of_both_populations() -> None:
    names = "snat_network, kept_network, snat_clients, kept_clients, kept_inside_snat, in_both"
    rows = story().tables().query(f"select {names} from vip").rows
    assert rows == [("192.0.2.0/26", "198.51.100.40/30", 3, 3, 0, 0)]


@pytest.mark.parametrize(("refuses", "ok", "failed"), [(True, 0, 2), (False, 2, 0)])
def test_health_checks_of_a_pool(refuses: bool, ok: int, failed: int) -> None:
    made = Story().session(LOCAL, back(), **SERVED)
    for _ in range(2):
        made.check(back(**REFUSED) if refuses else back())
    rows = (
        made.tables().query("select health_checks_ok, health_checks_failed, servers from vip").rows
    )
    assert rows == [(ok, failed, 1)]
