"""Who is who: the roles that addresses play, each with the reason for thinking so."""

from dataclasses import dataclass

from pcapdiag.flows.legs import Address


@dataclass(frozen=True)
class Role:
    """An end point and why it has its role."""

    address: Address
    port: int | None
    reason: str
    """One sentence with the frames or counts it rests on, or "named by the user"."""


@dataclass(frozen=True)
class Gateway:
    """A router, known by its MAC."""

    mac: int
    """48-bit number."""
    addresses: tuple[Address, ...]
    """Its own addresses as seen in ARP or neighbour discovery; empty: not seen."""
    reason: str


@dataclass(frozen=True)
class Topology:
    """The roles found or named.  One address may have several: a VIP may also source back flows."""

    vips: tuple[Role, ...]
    balancers: tuple[Role, ...]
    """Self addresses: what the balancer uses as source toward servers, and VIPs' owners."""
    servers: tuple[Role, ...]
    gateways: tuple[Gateway, ...]
    on_link: frozenset[Address]
    """Clients whose frames carry their own MAC."""
    routed: frozenset[Address]
    """Clients that come through a gateway.  A client in neither set: not known."""
    balancer_macs: frozenset[int]
    health_checks: frozenset[int]
    """Flow-table records that are the balancer's own health checks."""
    scans: frozenset[int] = frozenset()
    """Flow-table records that are calls of scanners, to which no session belongs."""
