"""How a service treats its clients, and how its servers are."""

import pytest

from tests.rules.story import LOCAL, REFUSED, SERVED, Story, back, two_populations


def test_a_service_counts_its_sessions_by_what_came_of_them() -> None:
    names = "sessions, sessions_ok, sessions_failed, snat_ok, kept_failed, servers, servers_failing"
    rows = two_populations().tables().query(f"select {names} from vip").rows
    assert rows == [(7, 3, 4, 3, 3, 2, 1)]


@pytest.mark.parametrize(("refuses", "ok", "failed"), [(True, 0, 2), (False, 2, 0)])
def test_health_checks_of_a_pool(refuses: bool, ok: int, failed: int) -> None:
    made = Story().session(LOCAL, back(), **SERVED)
    for _ in range(2):
        made.check(back(**REFUSED) if refuses else back())
    rows = (
        made.tables().query("select health_checks_ok, health_checks_failed, servers from vip").rows
    )
    assert rows == [(ok, failed, 1)]
