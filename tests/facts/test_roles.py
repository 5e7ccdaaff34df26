"""Roles as numbers of addresses: only those that packets had."""

from ipaddress import ip_address

from pcapdiag.facts.addresses import number_addresses
from pcapdiag.facts.roles import roles_of
from pcapdiag.topology.model import Role, Topology
from tests.sessions.table import S, leg, traffic

CLIENT, VIP, ABSENT = map(ip_address, ("198.51.100.40", "192.0.2.173", "192.0.2.99"))


def test_a_role_that_no_packet_shows_has_no_number() -> None:
    numbered = number_addresses(traffic(leg(f"{CLIENT}:1", f"{VIP}:25", S)))
    topology = Topology(
        vips=(Role(VIP, 25, ""), Role(VIP, 80, "")),
        balancers=(Role(ABSENT, None, ""),),
        servers=(),
        gateways=(),
        on_link=frozenset(),
        routed=frozenset({CLIENT}),
        balancer_macs=frozenset(),
        health_checks=frozenset(),
    )
    roles = roles_of(topology, numbered)
    assert numbered.book.text(roles.vips).tolist() == [str(VIP)]
    assert numbered.book.text(roles.routed).tolist() == [str(CLIENT)]
    assert not len(roles.balancers)
    assert not len(roles.on_link)
