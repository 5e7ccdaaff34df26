"""How far apart the clients of a service are."""

from tests.rules.story import LOCAL, Story, two_populations


def test_the_networks_of_both_populations() -> None:
    names = "snat_network, kept_network, snat_clients, kept_clients, kept_inside_snat, in_both"
    rows = two_populations().tables().query(f"select {names} from vip").rows
    assert rows == [("192.0.2.0/26", "198.51.100.40/30", 3, 3, 0, 0)]


def test_a_service_without_pairs_has_no_networks() -> None:
    names = "snat_network, local_network, snat_clients, in_both"
    rows = Story().session(LOCAL, mode="none").tables().query(f"select {names} from vip").rows
    assert rows == [(None, None, 0, 0)]
