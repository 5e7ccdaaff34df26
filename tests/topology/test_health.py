"""Health checks keep a beat; clients do not."""

import numpy as np
import pytest

from pcapdiag.flows.legs import Bools, legs_of
from pcapdiag.topology.health import health_checks
from tests.sessions.table import MS, S, leg, traffic

BALANCER, SERVER = "192.0.2.2", "192.0.2.30:25"


def checked(starts: list[int]) -> Bools:
    rows = [leg(f"{BALANCER}:{2000 + n}", SERVER, S + start) for n, start in enumerate(starts)]
    legs = legs_of(traffic(*rows).flows, 0)
    backs = np.ones(len(legs), np.bool_)
    return health_checks(legs, backs, np.unique(legs.source))


@pytest.mark.parametrize("beat", [300 * MS, 2 * S, 10 * S])
def test_even_probes_are_health_checks(beat: int) -> None:
    assert checked([n * beat + (n % 3) * MS for n in range(6)]).all()


def test_a_missed_beat_does_not_hide_them() -> None:
    assert checked([0, 2 * S, 4 * S, 8 * S, 10 * S]).all()


def test_uneven_sessions_are_none() -> None:
    assert not checked([0, 300 * MS, 410 * MS, 2 * S, 2300 * MS]).any()


def test_two_flows_make_no_beat() -> None:
    assert not checked([0, 2 * S]).any()
