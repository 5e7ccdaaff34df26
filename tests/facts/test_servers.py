"""How a server treats different sources."""

from tests.rules.story import OTHER_SERVER, ROUTER, SERVER, two_populations


def test_a_server_is_told_by_who_asks_it() -> None:
    names = (
        "balancer_sourced, balancer_answered, client_sourced, client_unanswered, sessions_failed"
    )
    rows = two_populations().tables().query(f"select address, {names} from server order by 1").rows
    assert rows == [(SERVER, 3, 3, 3, 3, 3), (OTHER_SERVER, 1, 0, 0, 0, 1)]


def test_what_a_server_asks_for_is_told_by_whom_it_looks_for() -> None:
    made = two_populations().asks(SERVER, ROUTER, after_ns=20_000)
    names = "other_asked, balancer_asked, client_asked, other_asked_after_ns is not null"
    rows = made.tables().query(f"select address, {names} from server order by 1").rows
    assert rows[0] == (SERVER, ROUTER, None, None, True)
    assert rows[1] == (OTHER_SERVER, None, None, None, False)
