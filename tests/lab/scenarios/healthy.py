"""Every mode of forwarding at work, with nothing wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Final

from tests.lab.scenarios import Scenario
from tests.lab.stage import Stage, stage

NO_ALARM: Final = (
    "return-path-bypasses-balancer",
    "server-answers-client-directly",
    "back-syn-unanswered",
    "mixed-modes",
    "duplicate-address",
    "server-port-closed",
    "server-unreachable",
    "server-not-resolved",
    "dsr-server-lacks-vip",
    "no-server-available",
    "vip-port-closed",
    "vip-not-resolved",
    "vip-syn-unanswered",
    "mode=none",
    "mode=unknown",
)
"""What a report on a healthy capture must never contain."""


@contextmanager
def play_proxy(name: str, mode: str, two_arm: bool = False, ipv6: bool = False) -> Iterator[Stage]:
    """A proxy with two servers; transparent needs the balancer as their gateway."""
    transparent = mode != "snat"
    gateway = "balancer" if transparent else "router"
    with stage(two_arm=two_arm, ipv6=ipv6, gateway=gateway) as here:
        for host in here.servers:
            here.serve(host, smtp=25, http=80)
        here.watch()
        port = 25 if transparent else 80
        here.proxy(port=port, local=mode, remote=mode, checks=True)
        near = [] if transparent else here.near(4, port=port, requests=2)
        with here.recording((name, "lb", "eth0 eth1" if two_arm else "eth0")):
            here.visit(near + here.far(8, port=port, requests=2))
        yield here


@contextmanager
def play_busy() -> Iterator[Stage]:
    """Many sessions at the same time that ask for the same and get the same."""
    with stage(gateway="router") as here:
        for host in here.servers:
            here.serve(host, http=80)
        here.watch()
        here.proxy(port=80, checks=True)
        with here.recording(("snat-busy", "lb", "eth0")):
            here.visit(here.near(20, port=80, apart_s=0.005) + here.far(60, port=80, apart_s=0.004))
        yield here


@contextmanager
def play_crowd() -> Iterator[Stage]:
    """Hundreds of sessions in three modes at once; the balancer is the servers' gateway."""
    with stage(gateway="balancer") as here:
        for host in here.servers:
            here.serve(host, smtp=25, http=80)
        here.translate(80)
        here.watch()
        here.proxy(local="snat", remote="transparent", checks=True)
        with here.recording(("crowd", "lb", "eth0")):
            here.visit(
                [
                    *here.near(120, apart_s=0.02),
                    *here.far(160, apart_s=0.015),
                    *here.far(220, apart_s=0.011, target=here.nat_vip, port=80, requests=3),
                ]
            )
        yield here


@contextmanager
def play_nat(name: str, both: bool) -> Iterator[Stage]:
    """A NAT with two servers; without source NAT the balancer is their gateway."""
    with stage(gateway="router" if both else "balancer") as here:
        for host in here.servers:
            here.serve(host, http=80)
        here.translate(80, both)
        here.watch()
        choices = {"target": here.nat_vip, "port": 80}
        near = here.near(4, **choices) if both else []
        with here.recording((name, "lb", "eth0")):
            here.visit(near + here.far(8, **choices))
        yield here


@contextmanager
def play_direct(
    name: str, hosts_with_vip: tuple[str, ...], *points: tuple[str, str, str]
) -> Iterator[Stage]:
    """Direct server return; client ports are chosen so that both servers are used."""
    with stage(gateway="router") as here:
        for host in here.servers:
            here.serve(host, smtp=25)
        here.direct(25, hosts_with_vip)
        visits = [
            *here.near(3, target=here.nat_vip, patience_s=4.0),
            *here.far(7, target=here.nat_vip, patience_s=4.0),
        ]
        with here.recording((name, "lb", "eth0")):
            here.visit(
                [replace(visit, source_port=41000 + number) for number, visit in enumerate(visits)]
            )
        yield here


SNAT: Final = Scenario(
    id="snat-healthy",
    description="One-arm proxy for HTTP that uses its own address for every client. All works.",
    verdict="healthy",
    must_not=NO_ALARM,
    play=partial(play_proxy, "snat-healthy", "snat"),
)

BUSY: Final = Scenario(
    id="snat-busy",
    description=(
        "One-arm proxy for HTTP that uses its own address, with eighty short sessions within half "
        "a second. All works; pairing is what is tried."
    ),
    verdict="healthy",
    must_not=NO_ALARM,
    play=play_busy,
)

CROWD: Final = Scenario(
    id="crowd",
    description=(
        "Five hundred sessions within three seconds: SMTP by a proxy, source-NATed for on-link "
        "clients and transparent for the others, HTTP by NAT of the destination. All works."
    ),
    verdict="healthy",
    must_not=tuple(word for word in NO_ALARM if word != "mixed-modes"),
    sample=False,
    play=play_crowd,
)

TRANSPARENT: Final = Scenario(
    id="transparent-healthy",
    description=(
        "One-arm proxy for SMTP that keeps the address of routed clients; the servers' gateway is "
        "the balancer. All works."
    ),
    verdict="healthy",
    must_not=NO_ALARM,
    play=partial(play_proxy, "transparent-healthy", "transparent"),
)

SAME_PORT: Final = Scenario(
    id="transparent-same-port-healthy",
    description=(
        "One-arm proxy for SMTP that keeps the address and the port of routed clients; the "
        "servers' gateway is the balancer. All works."
    ),
    verdict="healthy",
    must_not=(*NO_ALARM, "mode=dnat"),
    notes=("Only the sequence numbers tell it from a NAT of the destination.",),
    play=partial(play_proxy, "transparent-same-port-healthy", "transparent-same-port"),
)

IPV6: Final = Scenario(
    id="ipv6-snat-healthy",
    description="One-arm proxy for HTTP over IPv6 that uses its own address. All works.",
    verdict="healthy",
    must_not=NO_ALARM,
    play=partial(play_proxy, "ipv6-snat-healthy", "snat", ipv6=True),
)

TWO_ARM: Final = Scenario(
    id="two-arm-snat-healthy",
    description=(
        "Two-arm proxy for HTTP that uses its own address for every client, both interfaces in one "
        "pcapng capture. All works."
    ),
    verdict="healthy",
    must_not=NO_ALARM,
    play=partial(play_proxy, "two-arm-snat-healthy", "snat", two_arm=True),
)

DNAT: Final = Scenario(
    id="dnat-healthy",
    description=(
        "One-arm NAT of the destination; the servers' gateway is the balancer. All routed users "
        "are served."
    ),
    verdict="healthy",
    must_not=NO_ALARM,
    play=partial(play_nat, "dnat-healthy", False),
)

FULL_NAT: Final = Scenario(
    id="full-nat-healthy",
    description="One-arm NAT of both addresses; the servers' gateway is the router. All works.",
    verdict="healthy",
    must_not=NO_ALARM,
    play=partial(play_nat, "full-nat-healthy", True),
)

DSR: Final = Scenario(
    id="dsr-healthy",
    description=(
        "Direct server return: the balancer passes packets on to a server's MAC, the servers have "
        "the VIP on their loopback and answer clients themselves. All works, though no answer "
        "passes the balancer."
    ),
    verdict="healthy",
    must_not=(*NO_ALARM, "capture-one-way"),
    play=partial(play_direct, "dsr-healthy", ("s1", "s2"), ("dsr-healthy-any", "lb", "any")),
)

DSR_WITHOUT_VIP: Final = Scenario(
    id="dsr-server-lacks-vip",
    description=(
        "Direct server return with one server that lacks the VIP on its loopback. Every second "
        "user gets no answer at all."
    ),
    verdict="dsr-server-lacks-vip",
    must_not=("return-path-bypasses-balancer", "server-port-closed", "vip-syn-unanswered"),
    play=partial(play_direct, "dsr-server-lacks-vip", ("s1",)),
)

SCENARIOS: Final = (
    SNAT,
    CROWD,
    BUSY,
    SAME_PORT,
    IPV6,
    TRANSPARENT,
    TWO_ARM,
    DNAT,
    FULL_NAT,
    DSR,
    DSR_WITHOUT_VIP,
)
