"""Stories told as hand-made tables: who called whom, what came of it, what ARP and ICMP said."""

from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.facts import Tables, build
from pcapdiag.flows.events import ICMP, NEIGHBOR, NEIGHBOR_KINDS
from pcapdiag.flows.result import CaptureFacts, Traffic
from pcapdiag.read import Account
from pcapdiag.sessions.model import Back, Session
from pcapdiag.settings import Settings
from pcapdiag.topology.model import Role, Topology
from tests.sessions.table import MS, S, leg, traffic, words

VIP, BALANCER = "192.0.2.173", "192.0.2.173"
SERVER, OTHER_SERVER, ROUTER = "192.0.2.74", "192.0.2.75", "192.0.2.1"
LOCAL, REMOTE = "192.0.2.30", "198.51.100.40"
PORT = 25
MACS = {BALANCER: 0x173, SERVER: 0x74, OTHER_SERVER: 0x75, ROUTER: 0x1, LOCAL: 0x30}


@dataclass
class Story:
    """Sessions in order of time, each with its legs; `tables` makes what rules are asked about."""

    legs: list[NDArray[Any]] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    neighbors: list[NDArray[Any]] = field(default_factory=list)
    icmp: list[NDArray[Any]] = field(default_factory=list)
    account: dict[str, Any] = field(default_factory=dict)
    undecoded: dict[str, int] = field(default_factory=dict)
    clients: set[str] = field(default_factory=set)
    scans: set[int] = field(default_factory=set)
    one_side: bool = False
    """Captured where no balancer is seen at work: at a client, at a router, at a real server."""
    clock: int = S

    def session(
        self,
        client: str = REMOTE,
        *backs: NDArray[Any],
        mode: str = "snat",
        outcome: str = "ok",
        vip: str = f"{VIP}:{PORT}",
        **front: Any,
    ) -> "Story":
        """Add a session: its front opens now, its backs are those of :meth:`back`, in this order."""
        port = 40_000 + len(self.legs)
        self.clients.add(client)
        first = len(self.legs)
        self.legs.append(leg(f"{client}:{port}", vip, self.clock, **front))
        made = []
        for number, back in enumerate(backs, 1):
            source, kind = back["address"][0, 0], int(back["port"][0, 0])
            if kind < 0:  # the client's address is kept
                back["address"][0, 0] = words(client)
            assert source is not None
            back["port"][0, 0] = 50_000 + len(self.legs)
            shift(back, self.clock + number * MS)
            self.legs.append(back)
            made.append(Back(first + number, 0.99, ("time",)))
        session = Session(len(self.sessions) + 1, first, tuple(made), mode, outcome)
        self.sessions.append(session)
        self.clock += 100 * MS
        return self

    def apart(self, source: str, called: str, **columns: Any) -> "Story":
        """Add a connection of no session."""
        self.legs.append(leg(f"{source}:{40_000 + len(self.legs)}", called, self.clock, **columns))
        self.clock += 100 * MS
        return self

    def scan(self, source: str, called: str) -> "Story":
        """Add a call of a scanner, which is refused."""
        self.scans.add(len(self.legs))
        return self.apart(source, called, **REFUSED)

    def check(self, back: NDArray[Any], outcome: str = "ok") -> "Story":
        """Add a health check."""
        back["port"][0, 0] = 50_000 + len(self.legs)
        shift(back, self.clock)
        made = (Back(len(self.legs), 0.0, ()),)
        self.legs.append(back)
        number = len(self.sessions) + 1
        self.sessions.append(Session(number, -1, made, "snat", outcome, health_check=True))
        self.clock += 100 * MS
        return self

    def asks(self, sender: str, target: str, after_ns: int = 0, times: int = 1) -> "Story":
        """Add a broadcast ARP request, `after_ns` after the last leg's SYN, repeated each second."""
        start = int(self.legs[-1]["syn_ns"][0]) + after_ns if self.legs else self.clock
        for number in range(times):
            self.neighbors.append(arp("arp-request", sender, target, start + number * S, True))
        return self

    def claims(self, sender: str, mac: int, at_ns: int | None = None) -> "Story":
        """Add an ARP reply."""
        at = self.clock if at_ns is None else at_ns
        self.neighbors.append(arp("arp-reply", sender, BALANCER, at, False, mac))
        self.clock += MS
        return self

    def wait(self, seconds: float) -> "Story":
        """Let time go by."""
        self.clock += int(seconds * S)
        return self

    def told(self, **columns: Any) -> "Story":
        """Add an ICMP message."""
        row = np.zeros(1, ICMP)
        for name in ("mtu", "record", "direction", "quoted_port", "mac", "code"):
            row[name] = -1
        row["ip_version"], row["frame"], row["time_ns"] = 4, 900 + len(self.icmp), self.clock
        for name in ("sender", "receiver", "gateway"):
            row[name] = words(columns.pop(name, "0.0.0.0"))
        row["quoted"][0] = [words(a) for a in columns.pop("quoted", ("0.0.0.0", "0.0.0.0"))]
        for name, value in columns.items():
            row[name] = value
        self.icmp.append(row)
        return self

    def traffic(self) -> Traffic:
        """Return the tables of the pass over the packets."""
        made = traffic(*self.legs)
        flows = made.flows.records
        for column in ("duplicates", "copies", "acked_unseen", "cut", "mac_changes"):
            flows[column] = np.maximum(flows[column], 0)
        flows["syn_frame"] = np.where(flows["syn_count"] > 0, flows["first_frame"], -1)
        flows["last_syn_frame"] = np.where(flows["syn_count"] > 1, flows["first_frame"] + 5, -1)
        flows["syn_ack_frame"] = np.where(flows["syn_ack_ns"] >= 0, flows["first_frame"] + 1, -1)
        flows["syn_ack_count"] = np.maximum(flows["syn_ack_count"], flows["syn_ack_ns"] >= 0)
        end = max(self.clock, int(flows["last_ns"].max()))
        account = Account(first_ns=S, last_ns=end, packets=int(flows["packets"].sum()))
        account = replace(account, **self.account)
        order = np.argsort([int(n["time_ns"][0]) for n in self.neighbors], kind="stable")
        neighbors = [self.neighbors[at] for at in order]
        for number, row in enumerate(neighbors):
            row["frame"] = 500 + number
        return replace(
            made,
            neighbors=np.concatenate(neighbors) if neighbors else made.neighbors,
            icmp=np.concatenate(self.icmp) if self.icmp else made.icmp,
            captures=(CaptureFacts("story.pcap", account, (), self.undecoded),),
        )

    def topology(self) -> Topology:
        """Return the roles that all stories share; nobody's where one side only is seen."""
        local = {c for c in self.clients if c.startswith("192.0.2.")}
        return Topology(
            vips=(Role(ip_address(VIP), PORT, ""),),
            balancers=() if self.one_side else (Role(ip_address(BALANCER), None, ""),),
            servers=()
            if self.one_side
            else tuple(Role(ip_address(a), PORT, "") for a in (SERVER, OTHER_SERVER)),
            gateways=(),
            on_link=frozenset(map(ip_address, local)),
            routed=frozenset(map(ip_address, self.clients - local)),
            balancer_macs=frozenset() if self.one_side else frozenset({MACS[BALANCER]}),
            health_checks=frozenset(),
            scans=frozenset(self.scans),
        )

    def tables(self) -> Tables:
        """Return what rules are asked about."""
        return build(self.traffic(), self.topology(), self.sessions, Settings())


def arp(
    kind: str, sender: str, target: str, time_ns: int, broadcast: bool, mac: int | None = None
) -> NDArray[Any]:
    """Return one ARP packet."""
    row = np.zeros(1, NEIGHBOR)
    row["kind"], row["time_ns"], row["ip_version"] = NEIGHBOR_KINDS.index(kind), time_ns, 4
    row["sender"], row["target"] = words(sender), words(target)
    row["sender_mac"] = MACS.get(sender, 0x99) if mac is None else mac
    row["mac"][0] = [int(row["sender_mac"][0]), -1]
    row["target_mac"] = row["vlan"] = row["interface"] = row["link_direction"] = -1
    row["broadcast"] = int(broadcast)
    return row


def shift(row: NDArray[Any], start_ns: int) -> None:
    """Move a leg in time."""
    by = start_ns - int(row["first_ns"][0])
    for name in row.dtype.names or ():
        if name.endswith("_ns") and name not in ("longest_silence_ns", "first_rtt_ns"):
            row[name] = np.where(row[name] >= 0, row[name] + by, row[name])


def back(server: str = SERVER, source: str = BALANCER, **columns: Any) -> NDArray[Any]:
    """Return a back that was answered; the source is the balancer's unless named."""
    columns.setdefault("bytes", [100, 100])
    return leg(f"{source}:1", f"{server}:{PORT}", S, **columns)


def kept(server: str = SERVER, **columns: Any) -> NDArray[Any]:
    """Return a back that carries the client's address."""
    row = back(server, **columns)
    row["port"][0, 0] = -1
    return row


SILENT: dict[str, Any] = {
    "handshake": "unanswered",
    "close": "open",
    "syn_count": 3,
    "bytes": [0, 0],
}
"""Columns of a leg whose SYNs nobody answered."""

REFUSED: dict[str, Any] = {"handshake": "refused", "close": "reset", "bytes": [0, 0]}
"""Columns of a leg that was refused with RST."""

SERVED: dict[str, Any] = {"bytes": [100, 100]}
"""Columns of a front whose client got an answer."""


def two_populations() -> Story:
    """Return on-link clients that are served, routed ones without an answer, and a server that refuses."""
    made = Story()
    for number in range(3):
        made.session(f"192.0.2.3{number}", back(), **SERVED)
        made.session(f"198.51.100.4{number}", kept(**SILENT), mode="transparent", outcome="failed")
    return made.session(LOCAL, back(OTHER_SERVER, **REFUSED), outcome="failed").wait(10)
