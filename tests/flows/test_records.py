"""New records."""

from tests.flows.stories import SYN, Packet, only


def test_where_the_first_packet_was_seen() -> None:
    flow = only([Packet(0, SYN, 100, vlan=7, interface=1), Packet(1000, SYN, 100, vlan=8)])
    assert (flow["vlan"], flow["interface"], flow["first_frame"]) == (7, 1, 1)
    assert (flow["tunnel"], flow["tunnel_id"]) == (0, -1)
    assert flow["outer"].tolist() == [[0] * 4, [0] * 4]


def test_ipv6_addresses_in_four_words() -> None:
    flow = only([Packet(0, SYN, 100, ends=("2001:db8::7", 40000, "2001:db8:1::a", 25))])
    assert flow["ip_version"] == 6
    assert flow["address"].tolist() == [[0x20010DB8, 0, 0, 7], [0x20010DB8, 0x00010000, 0, 10]]
    assert flow["ip_id"].tolist() == [-1, -1]
