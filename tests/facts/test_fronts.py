"""The sessions as columns."""

import numpy as np

from pcapdiag.facts.addresses import number_addresses
from pcapdiag.facts.fronts import fronts_of
from pcapdiag.sessions.model import Back, Session
from tests.sessions.table import MS, S, leg, traffic

CLIENT, VIP, SERVER = "198.51.100.40", "192.0.2.173", "192.0.2.74"


def test_without_a_front_its_back_tells_where_a_session_was_seen() -> None:
    found = traffic(leg(f"{CLIENT}:1", f"{VIP}:25", S), leg(f"{VIP}:2", f"{SERVER}:25", S + MS))
    found.flows.records["file"] = [0, 1]
    sessions = [
        Session(1, 0, (), "none", "ok", False),
        Session(2, -1, (Back(1, 1.0, ("time",)),), "snat", "ok", True),
    ]
    numbered = number_addresses(found)
    fronts = fronts_of(sessions, found, numbered)
    assert fronts.file.tolist() == [0, 1]
    assert numbered.book.text(fronts.client).tolist() == [CLIENT, ""]
    assert fronts.port.tolist() == [25, -1]
    assert np.array_equal(fronts.health_check, [False, True])
