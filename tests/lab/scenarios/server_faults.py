"""Servers that refuse, reject, vanish or are taken for another, behind a proxy that says who it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from tests.lab.network import LAN
from tests.lab.scenarios import Scenario
from tests.lab.stage import Stage, stage

NOT_THE_PATH: Final = ("return-path-bypasses-balancer", "server-answers-client-directly")


def nothing(_: Stage) -> None:
    """Leave the second server as it is: nothing listens."""


def drop(here: Stage) -> None:
    """Make the second server ignore SMTP."""
    _filter(here, "tcp dport 25 drop")


def reject(here: Stage) -> None:
    """Make the second server reject SMTP with ICMP."""
    _filter(here, "tcp dport 25 reject with icmp type admin-prohibited")


def _filter(here: Stage, rule: str) -> None:
    here.network.nft(
        "s2",
        "table inet filter { chain input { type filter hook input priority 0;\n" + rule + "\n}\n}",
    )


@contextmanager
def play(
    name: str,
    break_s2: Callable[[Stage], None] = nothing,
    serving: tuple[str, ...] = ("s1",),
    other_points: tuple[tuple[str, str, str], ...] = (),
    **proxy: Any,
) -> Iterator[Stage]:
    """SMTP through a proxy that uses its own address and does not check its servers.

    Visits follow each other without overlap, so that the kernel's table tells whose back is whose.
    """
    with stage(gateway="router") as here:
        for host in serving:
            here.serve(host, smtp=25)
        break_s2(here)
        here.watch()
        here.proxy(**proxy)
        with here.recording((name, "lb", "eth0"), *other_points):
            for visit in (*here.near(2, apart_s=0), *here.far(5, apart_s=0)):
                here.visit([visit])
        yield here


@contextmanager
def play_none_available(name: str, mode: str) -> Iterator[Stage]:
    """No server listens; the health checks have found that out before users come."""
    with stage(gateway="router") as here:
        here.watch()
        port = 80 if mode == "http" else 25
        here.proxy(port=port, mode=mode, checks=True)
        for number in (1, 2):
            here.wait_for_checks(number)
        with here.recording((name, "lb", "eth0")):
            here.visit(here.near(3, port=port, apart_s=0.5) + here.far(6, port=port, apart_s=0.3))
        yield here


@contextmanager
def play_one_out() -> Iterator[Stage]:
    """One of two servers does not listen; the health checks have taken it out before users come."""
    with stage(gateway="router") as here:
        here.serve("s1", smtp=25)
        here.watch()
        here.proxy(checks=True)
        here.wait_for_checks(2)
        with here.recording(("health-check-failing", "lb", "eth0")):
            here.visit(here.near(3, apart_s=0.6) + here.far(6, apart_s=0.4))
        yield here


@contextmanager
def play_crash() -> Iterator[Stage]:
    """One of two servers takes requests and resets the connections."""
    with stage(gateway="router") as here:
        here.serve("s1", http=80)
        here.serve("s2", crash=80)
        here.watch()
        here.proxy(port=80)
        with here.recording(("server-reset", "lb", "eth0")):
            here.visit(here.near(3, port=80, apart_s=0.4) + here.far(7, port=80, apart_s=0.3))
        yield here


@contextmanager
def play_own_client() -> Iterator[Stage]:
    """A real server is a client of the VIP that sends it to itself, with its own address."""
    with stage(gateway="balancer", servers=["s1"]) as here:
        here.serve("s1", smtp=25)
        here.watch()
        here.proxy(local="transparent", remote="transparent", checks=True, connect_s=3)
        with here.recording(("server-is-own-client", "lb", "eth0")):
            here.visit(here.own_clients(2, apart_s=3.5) + here.far(4))
        yield here


@contextmanager
def play_duplicate() -> Iterator[Stage]:
    """An on-link client has the first server's address too: both answer ARP."""
    with stage(gateway="router", servers=["s1"]) as here:
        here.serve("s1", smtp=25)
        here.network.ip("c32", f"addr add {LAN.ipv4}74/24 dev eth0")
        here.watch()
        here.proxy()
        with here.recording(("duplicate-address", "lb", "eth0")):
            impostor = here.network.macs["c32"]["eth0"]
            for number, visit in enumerate(here.far(6)):
                here.network.ip("lb", "neigh flush all")
                if number % 2:
                    # Which of two answers counts is a matter of microseconds: decided here.
                    here.network.ip(
                        "lb", f"neigh replace {LAN.ipv4}74 lladdr {impostor} dev eth0 nud stale"
                    )
                here.visit([visit])
        yield here


PORT_CLOSED: Final = Scenario(
    id="server-port-closed",
    description=(
        "One of two servers has nothing listening on the service's port. Every second user is let "
        "go without a banner."
    ),
    verdict="server-port-closed",
    must_not=(*NOT_THE_PATH, "back-syn-unanswered", "server-unreachable", "no-server-available"),
    play=partial(play, "server-port-closed"),
)

UNREACHABLE: Final = Scenario(
    id="server-unreachable",
    description=(
        "One of two servers rejects the service's port with ICMP administratively prohibited. "
        "Every second user is let go without a banner."
    ),
    verdict="server-unreachable",
    must_not=(*NOT_THE_PATH, "server-port-closed", "server-not-resolved", "no-server-available"),
    play=partial(play, "server-unreachable", reject, connect_s=3),
)

DROPPED: Final = Scenario(
    id="server-drops",
    description=(
        "One of two servers drops the service's packets whoever sends them. Every second user gets "
        "no banner and is let go after three seconds."
    ),
    verdict="back-syn-unanswered",
    must_not=(*NOT_THE_PATH, "server-port-closed", "server-not-resolved", "no-server-available"),
    notes=("The balancer's own address is ignored as well: no return path explains that.",),
    play=partial(play, "server-drops", drop, connect_s=3),
)

NOT_RESOLVED: Final = Scenario(
    id="server-not-resolved",
    description=(
        "One of two servers is off: nobody answers ARP for it, so no SYN ever leaves. Every second "
        "user is let go without a banner after some seconds."
    ),
    verdict="server-not-resolved",
    must_not=(*NOT_THE_PATH, "server-port-closed", "back-syn-unanswered", "no-server-available"),
    notes=(
        "On any interface the kernel's ICMP host-unreachable to itself shows, with the SYN inside.",
    ),
    play=partial(
        play,
        "server-not-resolved",
        partial(Stage.switch_off, host="s2"),
        other_points=(("server-not-resolved-any", "lb", "any"),),
        connect_s=6,
    ),
)

RETRY: Final = Scenario(
    id="retry",
    description=(
        "One of two servers refuses, and the proxy tries the other one at once. Users notice "
        "nothing but every second session has a refused back flow before the one that worked."
    ),
    verdict="server-port-closed",
    must_not=(*NOT_THE_PATH, "no-server-available", "outcome=failed"),
    notes=("`retry-hides-dead-server` says it better where that rule exists.",),
    play=partial(play, "retry", retries=2),
)

HIDDEN: Final = Scenario(
    id="retry-hides-dead-server",
    description=(
        "One of two servers drops the service's packets, and the proxy tries the other one after "
        "three seconds. Every second user waits that long and is served then."
    ),
    verdict="retry-hides-dead-server",
    must_not=(*NOT_THE_PATH, "server-port-closed", "no-server-available", "outcome=failed"),
    play=partial(play, "retry-hides-dead-server", drop, retries=2, connect_s=3),
)

ONE_OUT: Final = Scenario(
    id="health-check-failing",
    description=(
        "One of two servers has nothing listening on the service's port; the proxy's health checks "
        "found out, and it gives all sessions to the other one. Users notice nothing."
    ),
    verdict="health-check-failing",
    must_not=(
        *NOT_THE_PATH,
        "server-port-closed",
        "no-server-available",
        "back-syn-unanswered",
        "outcome=failed",
    ),
    play=play_one_out,
)

CRASH: Final = Scenario(
    id="server-reset",
    description=(
        "One of two servers accepts connections, takes the request and resets the connection. "
        "Every second user is disconnected without an answer."
    ),
    verdict="server-reset",
    must_not=(*NOT_THE_PATH, "server-port-closed", "no-server-available", "client-reset"),
    play=play_crash,
)

NONE_HTTP: Final = Scenario(
    id="no-server-available",
    description=(
        "Both servers refuse the balancer's health checks, so the proxy answers HTTP 503 by itself. "
        "Every user sees the error page at once."
    ),
    verdict="no-server-available",
    must_not=(*NOT_THE_PATH, "vip-port-closed"),
    play=partial(play_none_available, "no-server-available", "http"),
)

NONE_TCP: Final = Scenario(
    id="no-server-available-tcp",
    description=(
        "Both servers refuse the balancer's health checks; the proxy accepts SMTP connections and "
        "closes them at once. No user sees a banner."
    ),
    verdict="no-server-available",
    must_not=(*NOT_THE_PATH, "vip-port-closed"),
    play=partial(play_none_available, "no-server-available-tcp", "tcp"),
)

OWN_CLIENT: Final = Scenario(
    id="server-is-own-client",
    description=(
        "A real server uses the VIP itself and the balancer keeps its address, so the server gets "
        "SYNs from its own address and drops them. Its own mails fail, routed users' mails work."
    ),
    verdict="server-is-own-client",
    must_not=("return-path-bypasses-balancer", "server-port-closed", "server-not-resolved"),
    play=play_own_client,
)

DUPLICATE: Final = Scenario(
    id="duplicate-address",
    description=(
        "An on-link host has the real server's address by mistake; both answer the balancer's ARP. "
        "Users succeed or are let go, as the balancer happens to believe one or the other."
    ),
    verdict="duplicate-address",
    must_not=(*NOT_THE_PATH, "no-server-available"),
    play=play_duplicate,
)

SCENARIOS: Final = (
    PORT_CLOSED,
    UNREACHABLE,
    DROPPED,
    NOT_RESOLVED,
    RETRY,
    HIDDEN,
    ONE_OUT,
    CRASH,
    NONE_HTTP,
    NONE_TCP,
    OWN_CLIENT,
    DUPLICATE,
)
