"""Several files of one network put together: whose machine is whose."""

from ipaddress import ip_address

from pcapdiag.topology.describe import CLAIMED, together
from pcapdiag.topology.model import Gateway, Role, Topology

BALANCER, ROUTER, SERVER = map(ip_address, ("192.0.2.173", "192.0.2.1", "192.0.2.74"))
NEAR, FAR = map(ip_address, ("192.0.2.30", "198.51.100.40"))


def part(
    balancers: tuple[Role, ...] = (),
    servers: tuple[Role, ...] = (),
    gateways: tuple[Gateway, ...] = (),
    vips: tuple[Role, ...] = (),
    near: tuple[str, ...] = (),
    far: tuple[str, ...] = (),
) -> Topology:
    return Topology(
        vips=vips,
        balancers=balancers,
        servers=servers,
        gateways=gateways,
        on_link=frozenset(map(ip_address, near)),
        routed=frozenset(map(ip_address, far)),
        balancer_macs=frozenset({0x173}) if servers else frozenset(),
        health_checks=frozenset(),
    )


ON_BALANCER = part(
    balancers=(Role(BALANCER, None, "3 back flows from it"),),
    servers=(Role(SERVER, 25, "6 back flows to it"),),
    gateways=(Gateway(0x1, (ROUTER,), "2 client addresses come through this MAC"),),
    vips=(Role(BALANCER, 25, "6 front flows to it went on to a server"),),
    near=(str(NEAR),),
    far=(str(FAR),),
)


def test_a_router_of_one_file_is_no_balancer_for_another() -> None:
    other = part(balancers=(Role(ROUTER, None, CLAIMED),))
    found = together([other, ON_BALANCER])
    assert [role.address for role in found.balancers] == [BALANCER]


def test_a_router_that_opens_backs_is_a_balancer_all_the_same() -> None:
    other = part(balancers=(Role(ROUTER, None, "2 back flows from it"),))
    found = together([other, ON_BALANCER])
    assert [role.address for role in found.balancers] == [ROUTER, BALANCER]


def test_on_link_is_what_the_balancers_place_shows() -> None:
    at_the_client = part(near=(str(FAR),), vips=(Role(BALANCER, 25, "6 flows to it"),))
    found = together([at_the_client, ON_BALANCER])
    assert (found.on_link, found.routed) == (frozenset({NEAR}), frozenset({FAR}))


def test_a_service_that_another_file_shows_as_server_is_a_server() -> None:
    at_the_server = part(vips=(Role(SERVER, 25, "3 flows to it; no balancer was seen at work"),))
    found = together([at_the_server, ON_BALANCER])
    assert [(role.address, role.port) for role in found.vips] == [(BALANCER, 25)]


def test_the_reason_is_that_of_the_place_where_the_balancer_was_seen() -> None:
    at_the_client = part(vips=(Role(BALANCER, 25, "6 flows to it; no balancer was seen at work"),))
    (vip,) = together([at_the_client, ON_BALANCER]).vips
    assert vip.reason == "6 front flows to it went on to a server"
