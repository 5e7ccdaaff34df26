"""Who is VIP, balancer, server and on-link client, as numbers of addresses."""

from dataclasses import dataclass

from pcapdiag.facts.addresses import Numbered
from pcapdiag.flows.legs import Ints
from pcapdiag.topology.model import Topology


@dataclass(frozen=True)
class Roles:
    """Numbers of the addresses with a role, sorted."""

    vips: Ints
    balancers: Ints
    servers: Ints
    on_link: Ints
    routed: Ints


def roles_of(topology: Topology, numbered: Numbered) -> Roles:
    """Return the roles as address numbers."""
    book = numbered.book
    return Roles(
        vips=book.numbers_of(role.address for role in topology.vips),
        balancers=book.numbers_of(role.address for role in topology.balancers),
        servers=book.numbers_of(role.address for role in topology.servers),
        on_link=book.numbers_of(topology.on_link),
        routed=book.numbers_of(topology.routed),
    )
