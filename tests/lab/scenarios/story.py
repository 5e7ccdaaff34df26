"""The story that started the project, its look-alikes and its relatives."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from tests.lab.network import LAN
from tests.lab.scenarios import Scenario
from tests.lab.stage import Stage, stage

NOT_THE_SERVER: Final = (
    "server-port-closed",
    "server-unreachable",
    "server-not-resolved",
    "no-server-available",
    "vip-syn-unanswered",
    "client-reset",
)
"""What is wrong to say whenever an answer exists but passes the balancer by."""


@contextmanager
def play(
    name: str,
    points: tuple[tuple[str, str, str], ...] = (),
    ipv6: bool = False,
    two_arm: bool = False,
    firewall: bool = False,
    warm: bool = False,
    seconds: int = 5,
) -> Iterator[Stage]:
    """On-link clients are source-NATed, the others keep their address; the gateway is the router."""
    with stage(ipv6=ipv6, two_arm=two_arm, gateway="router", servers=["s1"]) as here:
        here.serve("s1", smtp=25)
        if firewall:
            here.network.nft(
                "s1",
                "table inet filter { chain input { type filter hook input priority 0;\n"
                f"ip saddr != {LAN.ipv4}0/24 tcp dport 25 drop\n}}\n}}",
            )
        if warm:
            mac = here.network.macs["r"]["eth0"]
            router = here.address(LAN, 1)
            here.network.ip("s1", f"neigh replace {router} lladdr {mac} dev eth0 nud permanent")
        here.watch()
        here.proxy(local="snat", remote="transparent", checks=True, connect_s=seconds)
        with here.recording((name, "lb", "any" if two_arm else "eth0"), *points):
            here.visit(here.near(4, apart_s=0.7) + here.far(6, apart_s=0.3))
        yield here


STORY: Final = Scenario(
    id="story",
    description=(
        "One-arm balancer, SMTP: clients of its own network are source-NATed, all others keep "
        "their address; the server's default gateway is the router. On-link users send mail, "
        "routed users get a connection without a banner, closed after five seconds."
    ),
    verdict="return-path-bypasses-balancer",
    must=("snat-for-local-clients",),
    must_not=(*NOT_THE_SERVER, "server-answers-client-directly"),
    notes=(
        "On the balancer the server's broadcast ARP for the router is the proof available.",
        "On the server the SYN-ACKs leave to the router's MAC: proved.",
    ),
    other_verdicts=(("story-server", "return-path-bypasses-balancer"),),
    play=partial(play, "story", (("story-any", "lb", "any"), ("story-server", "s1", "eth0"))),
)

FIREWALL: Final = Scenario(
    id="story-firewall",
    description=(
        "Looks like the story on the balancer, but the server's own firewall drops every source "
        "outside its network. On-link users send mail, routed users get no banner; an honest "
        "report leaves the cause open."
    ),
    verdict="back-syn-unanswered",
    must_not=(
        *NOT_THE_SERVER,
        "return-path-bypasses-balancer:likely",
        "return-path-bypasses-balancer:proved",
        "server-answers-client-directly",
    ),
    notes=("The server never asks for the router's MAC. Its own capture shows no SYN-ACK.",),
    other_verdicts=(("story-firewall-server", "back-syn-unanswered"),),
    play=partial(play, "story-firewall", (("story-firewall-server", "s1", "eth0"),), firewall=True),
)

WARM: Final = Scenario(
    id="story-warm-arp",
    description=(
        "The story with a server that knows the router's MAC already, so no ARP tells where it "
        "answers. The cause cannot be told from a firewall's on the balancer."
    ),
    verdict="back-syn-unanswered",
    must_not=(
        *NOT_THE_SERVER,
        "return-path-bypasses-balancer:proved",
        "server-answers-client-directly",
    ),
    play=partial(play, "story-warm-arp", warm=True),
)

IPV6: Final = Scenario(
    id="ipv6-story",
    description=(
        "The story over IPv6: neighbour solicitations instead of ARP. On-link users send mail, "
        "routed users get no banner."
    ),
    verdict="return-path-bypasses-balancer",
    must=("snat-for-local-clients",),
    must_not=(*NOT_THE_SERVER, "server-answers-client-directly"),
    play=partial(play, "ipv6-story", ipv6=True),
)


TWO_ARM: Final = Scenario(
    id="two-arm-story",
    description=(
        "The story with two arms, captured on any interface: clients of the servers' network are "
        "source-NATed, all others keep their address; the server's gateway is the router. Routed "
        "users get no banner."
    ),
    verdict="return-path-bypasses-balancer",
    must=("snat-for-local-clients",),
    must_not=(*NOT_THE_SERVER, "server-answers-client-directly"),
    play=partial(play, "two-arm-story", two_arm=True),
)


@contextmanager
def play_direct(two_arm: bool, name: str, interfaces: str) -> Iterator[Stage]:
    """Every client keeps its address; the gateway is right, but on-link clients need none."""
    with stage(two_arm=two_arm, gateway="balancer", servers=["s1"]) as here:
        here.serve("s1", smtp=25)
        here.watch()
        here.proxy(local="transparent", remote="transparent", checks=True, connect_s=4)
        with here.recording((name, "lb", interfaces)):
            here.visit(here.near(3, apart_s=0.6) + here.far(4, apart_s=0.3))
        yield here


DIRECT: Final = Scenario(
    id="story-direct",
    description=(
        "Two-arm balancer that keeps every client's address; the servers' gateway is the balancer, "
        "and some clients live in the servers' network. Those get no banner, because the server "
        "answers them without any gateway; routed users send mail."
    ),
    verdict="server-answers-client-directly",
    must_not=(*NOT_THE_SERVER, "return-path-bypasses-balancer"),
    notes=("The server asks who has the client's address.",),
    play=partial(play_direct, True, "story-direct", "eth0 eth1"),
)

DIRECT_ONE_ARM: Final = Scenario(
    id="story-direct-one-arm",
    description=(
        "One-arm balancer that keeps every client's address, without a fallback for on-link "
        "clients; the servers' gateway is the balancer. On-link users get no banner, routed users "
        "send mail."
    ),
    verdict="server-answers-client-directly",
    must_not=(*NOT_THE_SERVER, "return-path-bypasses-balancer"),
    play=partial(play_direct, False, "story-direct-one-arm", "eth0"),
)


@contextmanager
def play_nat() -> Iterator[Stage]:
    """The destination is rewritten packet by packet; the server answers through the router."""
    with stage(gateway="router") as here:
        for host in here.servers:
            here.serve(host, http=80)
        here.translate(80)
        here.watch()
        with here.recording(("dnat-story", "lb", "eth0")):
            here.visit(here.far(5, apart_s=0.25, target=here.nat_vip, port=80, patience_s=4.0))
        yield here


NAT: Final = Scenario(
    id="dnat-story",
    description=(
        "One-arm balancer that rewrites only the destination; the servers' gateway is the router. "
        "No user gets a connection: the SYN-ACK reaches the client from an address it never asked."
    ),
    verdict="return-path-bypasses-balancer",
    must_not=(*NOT_THE_SERVER[:4], "server-answers-client-directly"),
    notes=("The front SYN is unanswered too: the balancer completes no handshake by itself.",),
    play=play_nat,
)

SCENARIOS: Final = (STORY, FIREWALL, WARM, IPV6, TWO_ARM, DIRECT, DIRECT_ONE_ARM, NAT)
