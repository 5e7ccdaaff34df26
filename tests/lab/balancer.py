"""The balancers: HAProxy as a proxy, nftables as a NAT, policy routing as direct server return.

Source: HAProxy 2.6 configuration manual (``source usesrc``, section 8.2.4), nft(8), ip-rule(8).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.lab.network import Network
from tests.lab.processes import LabError, Running, wait_until

LOG_FORMAT: Final = (
    "front=%ci:%cp vip=%fi:%fp back=%bi:%bp server=%si:%sp be=%b ts=%ts tc=%Tc rc=%rc"
)
"""One line a session: what the proxy itself says about both legs."""


@dataclass(frozen=True)
class Service:
    """One virtual service of HAProxy."""

    address: str
    port: int
    servers: Sequence[str]
    """``address:port``, IPv6 in brackets."""
    mode: str = "tcp"
    """``tcp`` or ``http``."""
    local: str = "snat"
    """For clients of `local_network`: ``snat``, ``transparent`` or ``transparent-same-port``."""
    remote: str = "snat"
    """Mode for all others."""
    local_network: str = "192.0.2.0/24"
    """What the balancer takes for its own network."""
    connect_s: int = 5
    idle_s: int = 20
    """A connection that is silent for so long is closed."""
    checks: bool = False
    retries: int = 0
    balance: str = "roundrobin"
    transparent_servers: Sequence[int] = ()
    """Numbers (from 1) of servers that see the client's address whoever the client is."""


def configuration(service: Service) -> str:
    """Write the service as HAProxy reads it."""
    bind = f"[{service.address}]" if ":" in service.address else service.address
    redispatch = "option redispatch 1" if service.retries else "no option redispatch"
    lines = [
        "global\n log stdout format raw local0\n maxconn 200",
        f"defaults\n mode {service.mode}\n log global",
        f" timeout client {service.idle_s}s\n timeout server {service.idle_s}s",
        f" timeout connect {service.connect_s}s\n retries {service.retries}\n {redispatch}",
        f'frontend vip\n bind {bind}:{service.port}\n log-format "{LOG_FORMAT}"',
        f" acl local src {service.local_network}\n use_backend local if local",
        " default_backend remote",
    ]
    for name, kind in (("local", service.local), ("remote", service.remote)):
        lines.append(f"backend {name}\n balance {service.balance}")
        if kind.startswith("transparent"):
            kept = "client" if kind == "transparent-same-port" else "clientip"
            anything = "[::]:0" if ":" in service.address else "0.0.0.0"
            lines.append(f" source {anything} usesrc {kept}")
        # The checks of one backend are enough; they come from the balancer's own address.
        check = " check inter 900ms fall 1 rise 1" if service.checks and name == "local" else ""
        if service.checks and name == "remote":
            check = " track local/{}"
        for number, server in enumerate(service.servers, 1):
            mine = number in service.transparent_servers
            source = " source 0.0.0.0 usesrc clientip" if mine else ""
            lines.append(f" server s{number} {server}{source}{check.format(f's{number}')}")
    return "\n".join(lines) + "\n"


def start_haproxy(network: Network, host: str, service: Service) -> Running:
    """Run HAProxy in a host until the laboratory ends; its log is what it prints."""
    file = network.files / "haproxy.cfg"
    file.write_text(configuration(service), encoding="ascii")
    running = network.start(host, ["haproxy", "-db", "-f", str(file)], "haproxy")
    wanted = f":{service.port} "

    def listens() -> bool:
        if running.process.poll() is not None:
            raise LabError(f"haproxy: {running.complained()}")
        return wanted in network.run(host, ["ss", "-Hltn"])

    wait_until(listens, "haproxy listens")
    return running


def keep_replies(network: Network, host: str) -> None:
    """Hand packets for transparent sockets (foreign addresses) to the proxy instead of on."""
    network.nft(
        host,
        "table inet keep { chain prerouting { type filter hook prerouting priority mangle;\n"
        "meta l4proto tcp socket transparent 1 meta mark set 1 accept\n}\n}",
    )
    for family in ("-4", "-6")[: 1 + network.ipv6]:
        anything = "::/0" if family == "-6" else "0.0.0.0/0"
        network.ip(host, f"{family} rule add pref 50 fwmark 1 lookup 100")
        network.ip(host, f"{family} route add local {anything} dev lo table 100")


def translate(
    network: Network, host: str, vip: str, port: int, servers: Sequence[str], both: bool
) -> None:
    """Balance by NAT: destination only, or (`both`) source too, with the balancer's address."""
    network.forward(host)
    members = ", ".join(f"{number} : {server}" for number, server in enumerate(servers))
    source = f"ip daddr {{ {', '.join(servers)} }} tcp dport {port} masquerade" if both else ""
    network.nft(
        host,
        "table ip nat {\nchain prerouting { type nat hook prerouting priority dstnat;\n"
        f"ip daddr {vip} tcp dport {port} dnat to "
        f"numgen inc mod {len(servers)} map {{ {members} }}\n"
        f"}}\nchain postrouting {{ type nat hook postrouting priority srcnat;\n{source}\n}}\n}}",
    )


def route_to_servers(
    network: Network, host: str, vip: str, port: int, servers: Sequence[str]
) -> None:
    """Balance by direct return: the packet as it is, to a server's MAC, by parity of its port.

    The VIP stays a local address (the balancer answers ARP for it); its table is asked later.
    """
    network.forward(host)
    network.ip(host, "rule add pref 200 lookup local", "rule del pref 0")
    for number, server in enumerate(servers):
        network.ip(host, f"rule add pref {100 + number} fwmark {16 + number} lookup {200 + number}")
        network.ip(host, f"route add default via {server} dev eth0 table {200 + number}")
    network.nft(
        host,
        "table ip dsr { chain prerouting { type filter hook prerouting priority mangle;\n"
        + "".join(
            f"ip daddr {vip} tcp dport {port} tcp sport & 1 == {number} "
            f"meta mark set {16 + number}\n"
            for number in range(len(servers))
        )
        + "}\n}",
    )


def dsr_server(servers: Sequence[str], client_port: int) -> str:
    """Say which server `route_to_servers` sends a client port to."""
    return servers[client_port & 1]


def watch_connections(network: Network, host: str) -> Running:
    """Print every new connection of a host from its kernel's table, with time, as it appears."""
    network.nft(
        host,
        "table inet watch {\nchain prerouting { type filter hook prerouting priority -150;\n"
        "ct state new counter\n}\nchain output { type filter hook output priority -150;\n"
        "ct state new counter\n}\n}",
    )
    running = network.start(
        host, ["conntrack", "-E", "-e", "NEW", "-p", "tcp", "-o", "timestamp"], "conntrack"
    )
    wait_until(lambda: _has_netlink_socket(running), "conntrack listens")
    return running


def _has_netlink_socket(running: Running) -> bool:
    if running.process.poll() is not None:
        raise LabError(f"conntrack: {running.complained()}")
    with open(f"/proc/{running.process.pid}/net/netlink", encoding="ascii") as sockets:
        return any(line.split()[1] == "12" for line in sockets if line[0] != "s")
