"""VIPs that are closed, gone or filtered, and what routers do to packets on the way."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.lab.network import FRONT, LAN, REMOTE
from tests.lab.scenarios import Scenario
from tests.lab.stage import Stage, stage

DATAGRAMS: Final = """
import socket, sys, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    for number in range(4):
        sender.sendto(b"<22>server: a client asks", (sys.argv[1], 514))
        time.sleep(0.2)
"""

NOT_THE_SERVER: Final = (
    "return-path-bypasses-balancer",
    "server-answers-client-directly",
    "server-port-closed",
    "server-unreachable",
    "server-not-resolved",
)


@contextmanager
def play_closed() -> Iterator[Stage]:
    """The balancer has the address, but no service on the port users ask for."""
    with stage(gateway="router") as here:
        here.serve("s1", smtp=25)
        here.serve("s2", smtp=25)
        here.watch()
        here.proxy(checks=True)
        with here.recording(("vip-port-closed", "lb", "eth0")):
            here.visit(here.near(3, port=80, apart_s=0.3) + here.far(5, port=80))
        yield here


@contextmanager
def play_gone() -> Iterator[Stage]:
    """Nobody has the VIP's address any more."""
    with stage(gateway="router") as here:
        here.serve("s1", smtp=25)
        here.serve("s2", smtp=25)
        here.watch()
        here.proxy(checks=True)
        target = here.address(LAN, 180)
        points = (("vip-not-resolved", "r", "any"), ("vip-not-resolved-balancer", "lb", "eth0"))
        with here.recording(*points):
            here.visit(here.near(2, target=target) + here.far(4, target=target) + here.far(2))
        yield here


@contextmanager
def play_filtered() -> Iterator[Stage]:
    """The balancer's own filter drops clients from behind the router."""
    with stage(gateway="router") as here:
        here.serve("s1", smtp=25)
        here.serve("s2", smtp=25)
        here.network.nft(
            "lb",
            "table inet filter { chain input { type filter hook input priority 0;\n"
            f"ip saddr {REMOTE.ipv4}0/24 tcp dport 25 drop\n}}\n}}",
        )
        here.watch()
        here.proxy(checks=True)
        with here.recording(("vip-syn-unanswered", "lb", "eth0")):
            here.visit(here.near(3, apart_s=0.4) + here.far(5, patience_s=4.0))
        yield here


@contextmanager
def play_black_hole() -> Iterator[Stage]:
    """The path to routed clients carries 1300 bytes, and the ICMP that says so is dropped."""
    with stage(gateway="router") as here:
        here.serve("s1", http=80)
        here.serve("s2", http=80)
        here.network.ip("r", "link set eth1 mtu 1300")
        here.network.nft(
            "r",
            "table inet filter { chain output { type filter hook output priority 0;\n"
            "icmp type destination-unreachable drop\n}\n}",
        )
        here.watch()
        here.proxy(port=80, checks=True)
        with here.recording(("mtu-black-hole", "lb", "eth0")):
            here.visit(
                [
                    *here.near(2, port=80, size=6000, apart_s=0.4),
                    *here.far(3, port=80, size=300),
                    *here.far(4, port=80, size=6000, first_s=0.5, patience_s=5.0),
                ]
            )
        yield here


@contextmanager
def play_redirect() -> Iterator[Stage]:
    """The servers' gateway is the balancer, which tells a server to use the router instead.

    Datagrams of the server to a client's host bring the redirect about; the client's later sessions
    are then answered through the router.
    """
    with stage(gateway="balancer", servers=["s1"]) as here:
        here.serve("s1", smtp=25)
        here.network.forward("lb")
        here.network.set("lb", {f"net.ipv4.conf.{w}.send_redirects": "1" for w in ("all", "eth0")})
        here.network.set(
            "s1", {f"net.ipv4.conf.{w}.accept_redirects": "1" for w in ("all", "eth0")}
        )
        here.watch()
        here.proxy(remote="transparent", connect_s=4)
        with here.recording(("icmp-redirect", "lb", "eth0")):
            here.visit(here.far(4))
            # Syslog: no answer comes.  Linux learns the route from the second redirect, when it
            # has resolved the router, and only outside of a system call of the socket's owner.
            here.network.nft(
                "far",
                "table inet filter { chain input { type filter hook input priority 0;\n"
                "udp dport 514 drop\n}\n}",
            )
            here.network.run("s1", [sys.executable, "-c", DATAGRAMS, here.address(REMOTE, 40)])
            here.visit(here.far(4, first_s=0.3))
        yield here


@contextmanager
def play_loop() -> Iterator[Stage]:
    """The router sends the VIP's packets to the balancer, which has lost the VIP and sends them on."""
    with stage(gateway="router") as here:
        vip = f"{FRONT.ipv4}10"
        here.serve("s1", smtp=25)
        here.serve("s2", smtp=25)
        here.network.forward("lb")
        here.network.ip("r", f"route add {vip}/32 via {LAN.ipv4}173")
        here.watch()
        here.proxy(checks=True)
        with here.recording(("routing-loop", "lb", "eth0")):
            here.visit(here.far(3, target=vip, patience_s=2.0) + here.near(2))
        yield here


@contextmanager
def play_mixed() -> Iterator[Stage]:
    """One server's definition keeps the client's address, the other's does not."""
    with stage(gateway="router") as here:
        here.serve("s1", smtp=25)
        here.serve("s2", smtp=25)
        here.watch()
        here.proxy(transparent_servers=(2,), connect_s=4)
        with here.recording(("mixed-modes", "lb", "eth0")):
            here.visit(here.far(8, apart_s=0.15))
        yield here


CLOSED: Final = Scenario(
    id="vip-port-closed",
    description=(
        "The balancer has the VIP but no service on the port users ask for. Every user is refused "
        "at once."
    ),
    verdict="vip-port-closed",
    must_not=(*NOT_THE_SERVER, "no-server-available"),
    play=play_closed,
)

GONE: Final = Scenario(
    id="vip-not-resolved",
    description=(
        "Nobody answers ARP for the VIP; captured on the router. Users learn after seconds that "
        "the host is unreachable."
    ),
    verdict="vip-not-resolved",
    must_not=(*NOT_THE_SERVER, "no-server-available"),
    notes=("On the balancer only broadcast ARP for a foreign address shows: nothing to judge.",),
    other_verdicts=(("vip-not-resolved", "vip-not-resolved"), ("vip-not-resolved-balancer", None)),
    play=play_gone,
)

FILTERED: Final = Scenario(
    id="vip-syn-unanswered",
    description=(
        "The balancer's packet filter drops SYNs of routed clients. On-link users send mail, "
        "routed users time out."
    ),
    verdict="vip-syn-unanswered",
    must_not=(*NOT_THE_SERVER, "no-server-available", "back-syn-unanswered"),
    play=play_filtered,
)

BLACK_HOLE: Final = Scenario(
    id="mtu-black-hole",
    description=(
        "The path to routed clients carries 1300 bytes and the ICMP that would say so is dropped. "
        "Routed users get small pages, big ones hang."
    ),
    verdict="path-mtu-black-hole",
    must_not=(*NOT_THE_SERVER, "back-syn-unanswered", "server-slow"),
    play=play_black_hole,
)

REDIRECT: Final = Scenario(
    id="icmp-redirect",
    description=(
        "Transparent with the right gateway, but the balancer forwards a server's own datagrams "
        "and tells it by ICMP redirect to use the router for that client. This client's later "
        "sessions fail, the others' work."
    ),
    verdict="icmp-redirect",
    must_not=("server-port-closed", "server-not-resolved", "server-answers-client-directly"),
    play=play_redirect,
)

LOOP: Final = Scenario(
    id="routing-loop",
    description=(
        "The router sends packets for the VIP to the balancer, which has lost that address and "
        "sends them back to the router, until their TTL is spent. Users of this VIP time out."
    ),
    verdict="routing-loop",
    must_not=(*NOT_THE_SERVER, "no-server-available", "mode=dsr", "dsr-server-lacks-vip"),
    notes=("The same SYN passes dozens of times, its TTL one lower each time.",),
    play=play_loop,
)

MIXED: Final = Scenario(
    id="mixed-modes",
    description=(
        "One of two servers is defined to see the client's address, the other one not; both have "
        "the router as gateway. Every second user gets no banner, whoever it is."
    ),
    verdict="return-path-bypasses-balancer",
    must=("mixed-modes",),
    must_not=("server-port-closed", "server-not-resolved", "snat-for-local-clients"),
    notes=("The mode goes with the server, not with the client's network.",),
    play=play_mixed,
)

SCENARIOS: Final = (CLOSED, GONE, FILTERED, BLACK_HOLE, REDIRECT, LOOP, MIXED)
