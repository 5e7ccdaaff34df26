"""How far apart the clients of a service are."""

from tests.rules.story import LOCAL, OTHER_SERVER, REFUSED, SERVED, SILENT, Story, back, kept


def story() -> Story:
    made = Story()
    for number in range(3):
        made.session(f"192.0.2.3{number}", back(), **SERVED)
        made.session(f"198.51.100.4{number}", kept(**SILENT), mode="transparent", outcome="failed")
    return made.session(LOCAL, back(OTHER_SERVER, **REFUSED), outcome="failed").wait(10)


def test_the_networks_of_both_populations() -> None:
    names = "snat_network, kept_network, snat_clients, kept_clients, kept_inside_snat, in_both"
    rows = story().tables().query(f"select {names} from vip").rows
    assert rows == [("192.0.2.0/26", "198.51.100.40/30", 3, 3, 0, 0)]


def test_a_service_without_pairs_has_no_networks() -> None:
    names = "snat_network, local_network, snat_clients, in_both"
    rows = Story().session(LOCAL, mode="none").tables().query(f"select {names} from vip").rows
    assert rows == [(None, None, 0, 0)]
