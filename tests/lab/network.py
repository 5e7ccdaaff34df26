"""Namespaces, bridges, veth pairs, addresses and routes of one laboratory.

Documentation addresses only (RFC 5737, RFC 3849); no interface leads out of the namespaces.
"""

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

from tests.lab.processes import LabError, Running, run, start

ROOT: Final = Path(__file__).resolve().parents[2]
"""The checkout, where ``python -m tests.lab...`` works."""


@dataclass(frozen=True)
class Segment:
    """One layer-2 network: a bridge."""

    name: str
    ipv4: str
    """First three bytes with the last dot: ``192.0.2.``; the mask is /24."""
    ipv6: str
    """Prefix with its two colons: ``2001:db8:2::``; the mask is /64."""
    number: int
    """In the MAC addresses: 02:00:00:<number>:xx:xx."""


LAN: Final = Segment("lan", "192.0.2.", "2001:db8:2::", 2)
"""Servers and on-link clients; in one-arm the balancer and its VIPs too."""
REMOTE: Final = Segment("remote", "198.51.100.", "2001:db8:9::", 9)
"""Clients behind the router."""
FRONT: Final = Segment("front", "203.0.113.", "2001:db8:3::", 3)
"""The balancer's client side in two-arm."""

QUIET: Final = {
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.default.rp_filter": "0",
    "net.ipv4.conf.all.send_redirects": "0",
    "net.ipv4.conf.default.send_redirects": "0",
    "net.ipv4.conf.all.accept_redirects": "0",
    "net.ipv4.conf.default.accept_redirects": "0",
    "net.ipv4.icmp_ratelimit": "0",
    "net.ipv6.icmp.ratelimit": "0",
    "net.ipv6.conf.all.accept_dad": "0",
    "net.ipv6.conf.default.accept_dad": "0",
    "net.ipv6.conf.all.accept_ra": "0",
    "net.ipv6.conf.default.accept_ra": "0",
    "net.ipv6.conf.all.router_solicitations": "0",
    "net.ipv6.conf.default.router_solicitations": "0",
    "net.ipv6.conf.all.accept_redirects": "0",
    "net.ipv6.conf.default.accept_redirects": "0",
    # A fixed choice instead of what the kernel happens to do: repeats after 1, 3, 7 s.
    "net.ipv4.tcp_syn_linear_timeouts": "0",
    # Else the second connection to a host inherits what the first one learned.
    "net.ipv4.tcp_no_metrics_save": "1",
    "net.ipv4.tcp_fastopen": "0",
}
"""Settings of every namespace: no traffic that a scenario did not ask for."""


class Network:
    """The namespaces of one laboratory; a context manager that removes all it made."""

    def __init__(self, ipv6: bool = False) -> None:
        self.ipv6 = ipv6
        self.prefix = f"pd{os.getpid()}"
        self.files = Path(tempfile.mkdtemp(prefix="pcapdiag-lab-"))
        self._namespaces: list[str] = []
        self._running: list[Running] = []
        self._segments: list[str] = []
        self.macs: dict[str, dict[str, str]] = {}
        """Host -> interface -> MAC."""

    def __enter__(self) -> "Network":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for running in reversed(self._running):
            running.stop()
        left = []
        for name in reversed(self._namespaces):
            try:
                run(["ip", "netns", "del", name])
            except LabError as failed:
                left.append(str(failed))
        for file in sorted(self.files.iterdir()):
            file.unlink()
        self.files.rmdir()
        if left:
            raise LabError("; ".join(left))

    def add_host(self, host: str) -> None:
        """Make a namespace for a host."""
        self._add_namespace(host)
        settings = dict(QUIET)
        if not self.ipv6:
            settings |= {f"net.ipv6.conf.{which}.disable_ipv6": "1" for which in ("all", "default")}
        self.set(host, settings)

    def _add_namespace(self, host: str) -> None:
        name = self.namespace(host)
        run(["ip", "netns", "add", name])
        self._namespaces.append(name)
        self.ip(host, "link set lo up")

    def plug(self, host: str, interface: str, segment: Segment, last: Iterable[int]) -> None:
        """Join a host to a segment; it gets one address of each family for each number.

        The first number makes the MAC.
        """
        numbers = list(last)
        if self.namespace("wire") not in self._namespaces:
            self._add_namespace("wire")
        if segment.name not in self._segments:
            self._segments.append(segment.name)
            self.ip("wire", f"link add {segment.name} type bridge mcast_snooping 0")
            self.ip(
                "wire", f"link set {segment.name} addrgenmode none", f"link set {segment.name} up"
            )
        mac = f"02:00:00:{segment.number:02d}:{numbers[0] // 100:02d}:{numbers[0] % 100:02d}"
        self.macs.setdefault(host, {})[interface] = mac
        port = f"{host}-{segment.name}"
        self.ip(
            "wire",
            f"link add {port} type veth peer name {interface} netns {self.namespace(host)}",
            f"link set {port} master {segment.name} addrgenmode none",
            f"link set {port} up",
        )
        self.ip(
            host, f"link set {interface} address {mac} gso_max_segs 1", f"link set {interface} up"
        )
        for number in numbers:
            self.add_address(host, interface, segment, number)

    def add_address(self, host: str, interface: str, segment: Segment, number: int) -> None:
        """Give a host one more address on an interface, of each family in use."""
        self.ip(host, f"addr add {segment.ipv4}{number}/24 dev {interface}")
        if self.ipv6:
            self.ip(host, f"addr add {segment.ipv6}{number}/64 dev {interface} nodad")

    def default_gateway(self, host: str, segment: Segment, number: int) -> None:
        """Set (or change) a host's default route."""
        self.ip(host, f"route replace default via {segment.ipv4}{number}")
        if self.ipv6:
            self.ip(host, f"-6 route replace default via {segment.ipv6}{number}")

    def forward(self, host: str) -> None:
        """Make a host forward packets."""
        self.set(host, {"net.ipv4.ip_forward": "1"})
        if self.ipv6:
            self.set(host, {"net.ipv6.conf.all.forwarding": "1"})

    def forget_neighbours(self) -> None:
        """Empty every neighbour cache, so that resolution shows in the capture."""
        for name in self._namespaces:
            run(["ip", "-n", name, "neigh", "flush", "all"])

    def namespace(self, host: str) -> str:
        """Name of a host's namespace."""
        return f"{self.prefix}-{host}"

    def ip(self, host: str, *commands: str) -> None:
        """Run `ip` commands in a host's namespace."""
        for command in commands:
            run(["ip", "-n", self.namespace(host), *command.split()])

    def set(self, host: str, settings: dict[str, str]) -> None:
        """Write kernel settings of a host; those this kernel lacks are left out (``-e``)."""
        pairs = [f"{name}={value}" for name, value in settings.items()]
        self.run(host, ["sysctl", "-e", "-q", "-w", *pairs])

    def nft(self, host: str, rules: str) -> None:
        """Load nftables rules in a host."""
        self.run(host, ["nft", "-f", "-"], rules)

    def run(
        self, host: str, command: list[str], text: str | None = None, timeout_s: float = 20
    ) -> str:
        """Run a short command in a host and return what it printed."""
        inside = ["ip", "netns", "exec", self.namespace(host), *command]
        return run(inside, text, timeout_s)

    def start(self, host: str, command: list[str], name: str) -> Running:
        """Start a process in a host; it ends with the laboratory at the latest."""
        if any(running.out.stem == name for running in self._running):
            raise LabError(f"two processes named {name}")
        inside = ["ip", "netns", "exec", self.namespace(host), *command]
        running = start(inside, self.files, name, cwd=ROOT)
        self._running.append(running)
        return running
