"""One scenario on its stage: a router, a balancer, servers, clients on-link and behind the router.

c30 c31 c32 --- 192.0.2.0/24 --- r .1 --- 198.51.100.0/24 --- far (.40-.47)
                |     |     |
        lb .173 and .172    s1 .74, s2 .75        (two-arm: lb is 203.0.113.173 for clients)
"""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from typing import Any, Final

from tests.lab import balancer
from tests.lab.capture import Recording
from tests.lab.clients import Experience, Visit
from tests.lab.network import FRONT, LAN, REMOTE, Network, Segment
from tests.lab.processes import LabError, Running, wait_until
from tests.lab.truth import (
    Sources,
    direct,
    endpoint,
    proxied,
    read_kernel,
    read_proxy,
    read_served,
    translated,
)

NEAR: Final = (30, 31, 32)
"""Last numbers of the on-link clients' addresses: one host each, so each has its own MAC."""
FAR: Final = (40, 41, 42, 43, 44, 45, 46, 47)
"""Last numbers of the routed clients' addresses, all on one host behind the router."""
SERVERS: Final = {"s1": 74, "s2": 75}


@dataclass
class Stage:
    """The hosts, and what was recorded and written down while the scenario ran."""

    network: Network
    two_arm: bool
    servers: Sequence[str]
    """Hosts that are real servers: ``s1``, ``s2``."""
    recordings: list[Recording] = field(default_factory=list)
    experiences: list[Experience] = field(default_factory=list)
    own: tuple[str, ...] = ()
    """The balancer's source addresses, when no health check uses them."""
    switched_off: list[str] = field(default_factory=list)
    forwarding: str = "proxy or nat"
    """How the balancer forwards: ``direct``, or by proxy and NAT, as the VIP tells."""
    _planned: int = 0
    _proxy: Running | None = None
    _kernel: Running | None = None
    _servers: list[Running] = field(default_factory=list)

    def address(self, segment: Segment, number: int) -> str:
        """Address of a host in the family of this stage."""
        return f"{segment.ipv6 if self.network.ipv6 else segment.ipv4}{number}"

    @property
    def vip(self) -> str:
        """The balancer's first address: the proxy's VIP, in one-arm its source too."""
        return self.address(FRONT if self.two_arm else LAN, 173)

    @property
    def nat_vip(self) -> str:
        """The balancer's second address, for NAT and direct return."""
        return self.address(LAN, 172)

    def balancer_addresses(self) -> list[str]:
        """Addresses of the balancer itself, its VIPs among them."""
        numbers = (173,) if self.two_arm else (173, 172)
        segments = (FRONT, LAN) if self.two_arm else (LAN,)
        return [self.address(segment, number) for segment in segments for number in numbers]

    def server_addresses(self) -> list[str]:
        """Addresses of the real servers."""
        return [self.address(LAN, SERVERS[host]) for host in self.servers]

    def server_endpoints(self, port: int) -> list[str]:
        """``address:port`` of the real servers."""
        return [endpoint(address, port) for address in self.server_addresses()]

    def serve(self, host: str, **ports: int) -> None:
        """Run servers in a host: ``serve("s1", smtp=25, http=80)``."""
        words = [f"{port}={kind}" for kind, port in ports.items()]
        command = [sys.executable, "-m", "tests.lab.servers", host, *words]
        running = self.network.start(host, command, f"server-{host}")
        self._servers.append(running)
        wait_until(lambda: "ready" in running.printed(), f"servers of {host}")

    def proxy(self, **choices: Any) -> None:
        """Run HAProxy with a `balancer.Service`; servers and VIP are this stage's if not given."""
        port = choices.setdefault("port", 25)
        choices.setdefault("address", self.vip)
        choices.setdefault("servers", self.server_endpoints(port))
        choices.setdefault(
            "local_network", f"{LAN.ipv6}/64" if self.network.ipv6 else "192.0.2.0/24"
        )
        service = balancer.Service(**choices)
        if not service.checks:
            self.own = (self.address(LAN, 173),)
        balancer.keep_replies(self.network, "lb")
        self._proxy = balancer.start_haproxy(self.network, "lb", service)

    def translate(self, port: int, both: bool = False) -> None:
        """Balance `nat_vip` by NAT of the destination, or of `both` addresses."""
        servers = self.server_addresses()
        balancer.translate(self.network, "lb", self.nat_vip, port, servers, both)

    def direct(self, port: int, hosts_with_vip: Sequence[str]) -> None:
        """Balance `nat_vip` by direct server return; the named servers have it on their loopback."""
        self.forwarding = "direct"
        servers = self.server_addresses()
        balancer.route_to_servers(self.network, "lb", self.nat_vip, port, servers)
        for host in hosts_with_vip:
            self.network.ip(host, f"addr add {self.nat_vip}/32 dev lo")
            silent = {"arp_ignore": "1", "arp_announce": "2"}
            self.network.set(host, {f"net.ipv4.conf.all.{k}": v for k, v in silent.items()})

    def watch(self) -> None:
        """Write down the balancer's new connections from now on."""
        self._kernel = balancer.watch_connections(self.network, "lb")

    @contextmanager
    def recording(self, *points: tuple[str, str, str]) -> Iterator[None]:
        """Capture at (name, host, interfaces) with cold neighbour caches while the block runs."""
        running = [Recording(self.network, host, where, name) for name, host, where in points]
        self.network.forget_neighbours()
        yield
        for recording in running:
            recording.stop()
        self.recordings += running

    def visit(self, visits: Sequence[Visit]) -> list[Experience]:
        """Let the clients make their visits at their times; wait for all of them."""
        started: list[Running] = []
        for host, plans in groupby(sorted(visits, key=self._host), key=self._host):
            text = json.dumps([asdict(plan) for plan in plans])
            name = f"client-{host}-{len(self.experiences)}"
            command = [sys.executable, "-m", "tests.lab.clients", text]
            started.append(self.network.start(host, command, name))
        ended = [running.process.poll for running in started]
        wait_until(lambda: all(end() is not None for end in ended), "clients", timeout_s=60)
        outcomes = [
            Experience(**row) for running in started for row in json.loads(running.printed())
        ]
        self.experiences += outcomes
        return outcomes

    def _host(self, visit: Visit) -> str:
        if visit.source.startswith((REMOTE.ipv4, REMOTE.ipv6)):
            return "far"
        number = int(re.split("[.:]", visit.source)[-1])
        return f"c{number}" if number in NEAR else f"s{number - 73}"

    def near(self, count: int, **choices: Any) -> list[Visit]:
        """Plan visits of on-link clients, a moment (`apart_s`) after each other."""
        return self._plan("near", [self.address(LAN, number) for number in NEAR], count, choices)

    def far(self, count: int, **choices: Any) -> list[Visit]:
        """Plan visits of routed clients, a moment (`apart_s`) after each other."""
        return self._plan("far", [self.address(REMOTE, number) for number in FAR], count, choices)

    def own_clients(self, count: int, **choices: Any) -> list[Visit]:
        """Plan visits of the real servers to the balancer."""
        return self._plan("own", self.server_addresses(), count, choices)

    def _plan(
        self, word: str, sources: Sequence[str], count: int, choices: dict[str, Any]
    ) -> list[Visit]:
        apart_s, first_s = choices.pop("apart_s", 0.12), choices.pop("first_s", 0.05)
        choices.setdefault("target", self.vip)
        choices.setdefault("port", 25)
        choices.setdefault("kind", "http" if choices["port"] == 80 else "smtp")
        self._planned += count
        return [
            Visit(
                token=f"{word}{self._planned - count + number:02d}",
                source=sources[number % len(sources)],
                delay_s=round(first_s + apart_s * number, 3),
                **choices,
            )
            for number in range(count)
        ]

    def connections(self) -> list[dict[str, Any]]:
        """What really happened: the truth of the visits."""
        if self._kernel is not None:
            self._kernel.stop()
        sources = Sources(
            experiences=self.experiences,
            kernel=read_kernel(self._kernel.printed()) if self._kernel else [],
            proxy=read_proxy(self._proxy.printed()) if self._proxy else {},
            served=read_served(running.printed() for running in self._servers),
        )
        if self.forwarding == "direct":
            return direct(sources, self.server_addresses())
        natted = [one for one in self.experiences if one.dst.startswith(f"{self.nat_vip}:")]
        others = [one for one in self.experiences if one not in natted]
        targets = [endpoint(one, port) for one in self.reachable() for port in (25, 80)]
        return [
            *proxied(replace(sources, experiences=others), targets, self.own),
            *translated(replace(sources, experiences=natted)),
        ]

    def reachable(self) -> list[str]:
        """Addresses of the real servers that are on the network: to others no packet leaves."""
        return [
            self.address(LAN, SERVERS[host])
            for host in self.servers
            if host not in self.switched_off
        ]

    def switch_off(self, host: str) -> None:
        """Take a host off the network: nothing answers for its address any more."""
        self.switched_off.append(host)
        self.network.ip(host, "link set eth0 down")

    def wait_for_checks(self, host_number: int) -> None:
        """Wait until HAProxy has found that a server (counting from 1) is down."""
        proxy = self._proxy
        if proxy is None:
            raise LabError("no proxy, no health checks")
        said = f"Server local/s{host_number} is DOWN"
        wait_until(lambda: said in proxy.complained(), said)


@contextmanager
def stage(
    ipv6: bool = False,
    two_arm: bool = False,
    gateway: str = "router",
    servers: Sequence[str] = ("s1", "s2"),
) -> Iterator[Stage]:
    """Build the hosts; the servers' default gateway is the ``router`` or the ``balancer``."""
    with Network(ipv6) as network:
        for host in ("r", "lb", "far", *(f"c{number}" for number in NEAR), *servers):
            network.add_host(host)
        network.plug("r", "eth0", LAN, [1])
        network.plug("r", "eth1", REMOTE, [1])
        network.plug("far", "eth0", REMOTE, FAR)
        if two_arm:
            network.plug("r", "eth2", FRONT, [1])
            network.plug("lb", "eth0", FRONT, [173])
            network.plug("lb", "eth1", LAN, [173])
            _answer_where_asked(network)
        else:
            network.plug("lb", "eth0", LAN, [173, 172])
        network.forward("r")
        network.default_gateway("lb", FRONT if two_arm else LAN, 1)
        network.default_gateway("far", REMOTE, 1)
        for number in NEAR:
            network.plug(f"c{number}", "eth0", LAN, [number])
            network.default_gateway(f"c{number}", LAN, 1)
        for host in servers:
            network.plug(host, "eth0", LAN, [SERVERS[host]])
            network.default_gateway(host, LAN, 173 if gateway == "balancer" else 1)
        yield Stage(network, two_arm, servers)


def _answer_where_asked(network: Network) -> None:
    """Make the two-arm balancer answer clients through the router even when it is next to them."""
    for family, segment in (("-4", FRONT.ipv4), ("-6", FRONT.ipv6))[: 1 + network.ipv6]:
        network.ip(
            "lb",
            f"{family} rule add pref 60 from {segment}173 lookup 60",
            f"{family} route add default via {segment}1 dev eth0 table 60",
        )
