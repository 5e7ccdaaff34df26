"""The story that started the project: transparent, but the servers' gateway is elsewhere."""

from collections.abc import Callable

from tests.lab.scenarios import Played, Scenario
from tests.lab.stage import stage
from tests.lab.truth import proxied


def play(done: Callable[[Played], None]) -> None:
    with stage(gateway="router", servers=["s1"]) as here:
        here.serve("s1", smtp=25)
        here.watch()
        here.proxy(local="snat", remote="transparent", checks=True)
        points = (
            ("story", "lb", "eth0"),
            ("story-any", "lb", "any"),
            ("story-server", "s1", "eth0"),
        )
        with here.recording(*points):
            here.visit(here.near(4, apart_s=0.7) + here.far(6, apart_s=0.3))
        done(Played(here, proxied(here.sources(), here.server_endpoints(25), here.own)))


STORY = Scenario(
    id="story",
    description=(
        "One-arm balancer, SMTP: clients of its own network are source-NATed, all others keep "
        "their address; the server's default gateway is the router. On-link users send mail, "
        "routed users get a connection without a banner, closed after five seconds."
    ),
    verdict="return-path-bypasses-balancer",
    must=("snat-for-local-clients",),
    must_not=(
        "server-port-closed",
        "server-unreachable",
        "server-not-resolved",
        "no-server-available",
        "vip-syn-unanswered",
        "server-answers-client-directly",
        "client-reset",
    ),
    notes=(
        "On the balancer the server's broadcast ARP for the router is the proof available.",
        "On the server the SYN-ACKs leave to the router's MAC: proved.",
    ),
    other_verdicts=(("story-server", "return-path-bypasses-balancer"),),
    play=play,
)

SCENARIOS = (STORY,)
