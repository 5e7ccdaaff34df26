"""What really happened, from the balancer's log, its kernel's table and the servers' logs.

Never from the packets: this is what the packets' reader is judged by.
"""

import ipaddress
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.lab.balancer import dsr_server
from tests.lab.clients import Experience
from tests.lab.processes import LabError

LEG: Final = re.compile(r"src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)")


@dataclass(frozen=True)
class Leg:
    """One flow as its initiator made it: ``address:port`` twice, IPv6 in brackets."""

    src: str
    dst: str

    @property
    def source(self) -> str:
        """The initiator's address without port or brackets."""
        return self.src.rpartition(":")[0].strip("[]")


@dataclass(frozen=True)
class Entry:
    """A connection in the balancer's kernel table."""

    time: float
    front: Leg
    """As it came to (or from) the balancer."""
    forwarded: Leg
    """As it left; equal to `front` where nothing was translated."""


@dataclass(frozen=True)
class Sources:
    """Everything the laboratory wrote down."""

    experiences: Sequence[Experience]
    kernel: Sequence[Entry]
    proxy: dict[Leg, Leg]
    """HAProxy's log: front -> back.  Not used for transparent backs, whose port it gets wrong."""
    served: dict[str, list[Leg]]
    """Token -> connections on which a server read it."""


def endpoint(address: str, port: str | int) -> str:
    """Write ``address:port``, IPv6 in brackets and in canonical form."""
    plain = ipaddress.ip_address(address.strip("[]"))
    return f"[{plain}]:{port}" if plain.version == 6 else f"{plain}:{port}"


def _leg(source: str, destination: str) -> Leg:
    src, dst = (endpoint(*text.rsplit(":", 1)) for text in (source, destination))
    return Leg(src, dst)


def read_kernel(text: str) -> list[Entry]:
    """Read `conntrack -E -o timestamp` lines; the second tuple is how replies come."""
    entries = []
    for line in text.splitlines():
        legs = LEG.findall(line)
        stamp = re.match(r"\[(\d+\.\d+)\s*\]", line)
        if "[NEW]" not in line or stamp is None or len(legs) != 2:
            continue
        there, reply = legs
        entries.append(
            Entry(
                float(stamp[1]),
                Leg(endpoint(there[0], there[2]), endpoint(there[1], there[3])),
                Leg(endpoint(reply[1], reply[3]), endpoint(reply[0], reply[2])),
            )
        )
    return entries


def read_proxy(text: str) -> dict[Leg, Leg]:
    """Read HAProxy's log; sessions without a back have none."""
    legs = {}
    for line in text.splitlines():
        words = dict(word.split("=", 1) for word in line.split() if "=" in word)
        if "front" in words and re.search(r"[^-]:[1-9]", words.get("back", "")):
            legs[_leg(words["front"], words["vip"])] = _leg(words["back"], words["server"])
    return legs


def read_served(texts: Iterable[str]) -> dict[str, list[Leg]]:
    """Read the servers' logs."""
    served: dict[str, list[Leg]] = {}
    for text in texts:
        for line in text.splitlines():
            if line.startswith("{"):
                row = json.loads(line)
                for token in dict.fromkeys(row["tokens"]):
                    served.setdefault(token, []).append(_leg(row["src"], row["dst"]))
    return served


def proxied(
    sources: Sources, servers: Collection[str], own: Collection[str]
) -> list[dict[str, Any]]:
    """Connections through HAProxy.

    A token read by a server names the back; the log must agree where the source is the balancer's.
    Without a token, the kernel's entries decide: to one of `servers`, from the client's address or
    from the balancer's (`own`; empty when its health checks would be among them), while only this
    visit could have made them.  LabError when that is not certain.
    """
    rows = []
    for one in sources.experiences:
        front = _leg(one.src, one.dst)
        backs = list(sources.served.get(one.token, []))
        logged = sources.proxy.get(front)
        for back in backs:
            if back.source != front.source and logged not in (None, back):
                raise LabError(f"{one.token}: the server read it on {back}, HAProxy says {logged}")
        backs += _unread(one, sources, servers, {front.source, *own})
        mode = "none"
        if backs:
            mode = "transparent" if backs[0].source == front.source else "snat"
        rows.append(_row(one, front, backs, mode))
    return rows


def _unread(
    one: Experience, sources: Sources, servers: Collection[str], origins: Collection[str]
) -> list[Leg]:
    """Back flows on which no server read a token, made during one visit from certain addresses."""
    read = {leg for legs in sources.served.values() for leg in legs}
    found = []
    for entry in sources.kernel:
        leg = entry.front
        if leg.dst not in servers or leg in read or leg.source not in origins:
            continue
        if not one.started <= entry.time <= one.ended:
            continue
        own = leg.source != _leg(one.src, one.dst).source
        for other in sources.experiences:
            rival = other is not one and other.started <= entry.time <= other.ended
            if rival and (own or _leg(other.src, other.dst).source == leg.source):
                raise LabError(f"{leg} may belong to {one.token} or to {other.token}")
        found.append(leg)
    return found


def translated(sources: Sources) -> list[dict[str, Any]]:
    """Connections through NAT: the kernel's table has both legs in one entry."""
    entries = {entry.front: entry.forwarded for entry in sources.kernel}
    rows = []
    for one in sources.experiences:
        front = _leg(one.src, one.dst)
        back = entries[front]
        mode = "dnat" if back.source == front.source else "full-nat"
        for leg in sources.served.get(one.token, []):
            if leg != back:
                raise LabError(f"{one.token}: the server read it on {leg}, the kernel says {back}")
        rows.append(_row(one, front, [back], mode))
    return rows


def direct(sources: Sources, servers: Sequence[str]) -> list[dict[str, Any]]:
    """Connections by direct server return: the same flow, to the server its port chooses."""
    rows = []
    for one in sources.experiences:
        front = _leg(one.src, one.dst)
        row = _row(one, front, [front], "dsr")
        row["backs"][0]["server"] = dsr_server(servers, int(one.src.rpartition(":")[2]))
        rows.append(row)
    return rows


def _row(one: Experience, front: Leg, backs: Sequence[Leg], mode: str) -> dict[str, Any]:
    return {
        "front": {"src": front.src, "dst": front.dst},
        "backs": [
            {"src": leg.src, "dst": leg.dst, "server": leg.dst.rpartition(":")[0].strip("[]")}
            for leg in backs
        ],
        "mode": mode,
        "outcome": "ok" if one.result == "ok" else "failed",
        "client_result": one.result,
    }
