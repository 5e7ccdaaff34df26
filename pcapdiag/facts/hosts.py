"""The table `host`: what ARP, neighbour discovery and ICMP say about single addresses.

Sources: RFC 826, RFC 5227 (address conflicts), RFC 9568 7.3 (virtual router MACs), RFC 792, RFC 4443.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from pcapdiag.facts.addresses import Columns, Numbered, file_texts, mac_text, of_record
from pcapdiag.facts.columns import count, text, true
from pcapdiag.facts.fronts import Fronts
from pcapdiag.facts.roles import Roles
from pcapdiag.flows import keys
from pcapdiag.flows.events import NEIGHBOR_KINDS
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import WHOLE

VIRTUAL_ROUTER = 0x00005E0001
VIRTUAL_ROUTER_6 = 0x00005E0002
"""First five bytes of VRRP MACs: they move between routers by design."""

MACS_SHOWN = 4
CONTEST_NS = 1_000_000_000
"""Two MACs that claim one address within this time answer the same request."""


HOST: Final = (
    text("address", "address seen in flows, ARP or neighbour discovery"),
    true("is_vip", "clients call it"),
    true("is_balancer", "the balancer owns it"),
    true("is_server", "it is a real server"),
    true("is_client", "it called a VIP"),
    count("flows", "flows it takes part in"),
    count("sent", "flows in which it sent packets"),
    count("asked", "requests for it in ARP or neighbour discovery"),
    text("first_asked_file", "capture of the first"),
    count("first_asked_frame", "frame of the first"),
    count("claims", "answers and announcements that name its MAC"),
    count("claim_macs", "different MACs in them"),
    text("macs", "these MACs, at most four"),
    count(
        "claim_changes", "how often one MAC's claim follows another's, virtual router MACs left out"
    ),
    count("contested", "requests answered by different MACs within a second"),
    text("contest_file", "capture of the first two contradicting claims"),
    count("contest_frame", "frame of the first of them"),
    count("contest_frame_2", "frame of the second"),
    count("redirects", "ICMP redirects that this address sent"),
    text("redirect_gateway", "the router that its first redirect names"),
    text("redirect_file", "capture of the first redirect"),
    count("redirect_frame", "frame of the first redirect"),
    text("redirect_for", "the destination that it is about"),
    count("loops", "ICMP time exceeded messages that this address sent about TCP flows"),
    text("loop_file", "capture of the first of them"),
    count("loop_frame", "frame of the first of them"),
    text("loop_for", "the destination of the packet that died"),
)


@dataclass(frozen=True)
class Claims:
    """Answers and announcements that name an address's MAC, in order of address, file and time."""

    address: Ints
    mac: Ints
    file: Ints
    frame: Ints
    time_ns: Ints


def claims_of(traffic: Traffic, numbered: Numbered) -> Claims:
    """Return who claimed which address."""
    events = traffic.neighbors
    kind = events["kind"]
    advertised = kind == NEIGHBOR_KINDS.index("neighbor-advertisement")
    gratuitous = (kind == NEIGHBOR_KINDS.index("arp-request")) & (
        numbered.sender == numbered.target
    )
    chosen = advertised | gratuitous | (kind == NEIGHBOR_KINDS.index("arp-reply"))
    # In advertisements the sender is the address spoken for, as in ARP replies.
    address = numbered.sender
    mac = np.where(events["sender_mac"] >= 0, events["sender_mac"], events["mac"][:, 0])
    mac = mac.astype(np.int64)
    prefix = mac >> 8
    chosen &= (address >= 0) & (mac >= 0)
    chosen &= (prefix != VIRTUAL_ROUTER) & (prefix != VIRTUAL_ROUTER_6)
    order = np.flatnonzero(chosen)
    order = order[np.lexsort((events["frame"][order], events["file"][order], address[order]))]
    return Claims(
        address=address[order],
        mac=mac[order],
        file=events["file"][order].astype(np.int64),
        frame=events["frame"][order].astype(np.int64),
        time_ns=events["time_ns"][order].astype(np.int64),
    )


def host_columns(traffic: Traffic, numbered: Numbered, fronts: Fronts, roles: Roles) -> Columns:
    """Return the columns of `host`, one entry an address."""
    count = len(numbered.book)
    everyone = np.arange(count)
    whole = traffic.flows["hop"] == WHOLE
    ends = numbered.flow[whole]
    flows = np.bincount(ends[:, 0], minlength=count)
    flows += np.bincount(ends[:, 1][ends[:, 1] != ends[:, 0]], minlength=count)
    return {
        "address": numbered.book.text(everyone),
        "is_vip": keys.among(everyone, roles.vips).astype(np.int64),
        "is_balancer": keys.among(everyone, roles.balancers).astype(np.int64),
        "is_server": keys.among(everyone, roles.servers).astype(np.int64),
        "is_client": keys.among(everyone, fronts.client).astype(np.int64),
        "flows": flows,
        "sent": _sent(traffic, ends, whole, count),
        **_asked(traffic, numbered, count),
        **_claimed(traffic, numbered, claims_of(traffic, numbered), count),
        **_icmp(traffic, numbered, count),
    }


def _sent(traffic: Traffic, ends: Ints, whole: Bools, count: int) -> Ints:
    packets = traffic.flows["packets"][whole] > 0
    sent = np.bincount(ends[packets[:, 0], 0], minlength=count)
    sent += np.bincount(ends[packets[:, 1], 1], minlength=count)
    return sent.astype(np.int64)


def _first(values: Ints, addresses: Ints, count: int) -> Ints:
    """Return the first value of each address; -1: none."""
    found = np.full(count, -1, np.int64)
    found[addresses[::-1]] = values[::-1]
    return found


def _asked(traffic: Traffic, numbered: Numbered, count: int) -> Columns:
    events = traffic.neighbors
    kinds = [NEIGHBOR_KINDS.index("arp-request"), NEIGHBOR_KINDS.index("neighbor-solicitation")]
    chosen = keys.among(events["kind"], kinds) & (numbered.target >= 0)
    # Announcements and probes for one's own address are no questions (RFC 5227 1.1).
    chosen &= (numbered.sender != numbered.target) & (numbered.sender >= 0)
    target = numbered.target[chosen]
    return {
        "asked": np.bincount(target, minlength=count),
        "first_asked_file": file_texts(traffic, _first(events["file"][chosen], target, count)),
        "first_asked_frame": _first(events["frame"][chosen], target, count),
    }


def _claimed(traffic: Traffic, numbered: Numbered, claims: Claims, count: int) -> Columns:
    once = keys.firsts(claims.address, claims.mac)
    macs = np.bincount(claims.address[once], minlength=count)
    texts = np.array([""] * count, dtype=object)
    own: dict[int, list[str]] = {}
    for address, mac in zip(claims.address[once].tolist(), claims.mac[once].tolist(), strict=True):
        known = own.setdefault(address, [])
        if len(known) < MACS_SHOWN:
            known.append(mac_text(mac))
    for address, shown_macs in own.items():
        texts[address] = ", ".join(shown_macs)
    same = np.zeros(len(claims.address), np.bool_)
    same[1:] = (np.diff(claims.address) == 0) & (np.diff(claims.file) == 0)
    changed = same.copy()
    changed[1:] &= np.diff(claims.mac) != 0
    contested = changed.copy()
    contested[1:] &= np.diff(claims.time_ns) <= CONTEST_NS
    shown = _shown(claims, changed, contested, count)
    return {
        "claims": np.bincount(claims.address, minlength=count),
        "claim_macs": macs,
        "macs": texts,
        "claim_changes": np.bincount(claims.address[changed], minlength=count),
        "contested": np.bincount(claims.address[contested], minlength=count),
        "contest_file": file_texts(traffic, of_record(claims.file, shown)),
        "contest_frame": of_record(claims.frame, np.where(shown > 0, shown - 1, -1)),
        "contest_frame_2": of_record(claims.frame, shown),
    }


def _shown(claims: Claims, changed: Bools, contested: Bools, count: int) -> Ints:
    """Return for each address the claim that contradicts the one before it; contested ones first."""
    shown = np.full(count, -1, np.int64)
    for chosen in (changed, contested):
        at = np.flatnonzero(chosen)[::-1]
        shown[claims.address[at]] = at
    return shown


def _icmp(traffic: Traffic, numbered: Numbered, count: int) -> Columns:
    events = traffic.icmp
    version, type_ = events["ip_version"], events["type"]
    sender, gateway = numbered.icmp[:, 0], numbered.icmp[:, 2]
    redirect = ((version == 4) & (type_ == 5)) | ((version == 6) & (type_ == 137))
    expired = ((version == 4) & (type_ == 11)) | ((version == 6) & (type_ == 3))
    # Traceroute provokes the same message: only those about TCP count.
    expired &= (events["code"] == 0) & (events["quoted_port"][:, 0] >= 0)
    columns: Columns = {}
    for name, chosen in (("redirect", redirect), ("loop", expired)):
        chosen = chosen & (sender >= 0)
        own = sender[chosen]
        quoted = _first(numbered.icmp[chosen, 4], own, count)
        columns |= {
            f"{name}s": np.bincount(own, minlength=count),
            f"{name}_file": file_texts(traffic, _first(events["file"][chosen], own, count)),
            f"{name}_frame": _first(events["frame"][chosen], own, count),
            f"{name}_for": numbered.book.text(quoted),
        }
        if name == "redirect":
            columns["redirect_gateway"] = numbered.book.text(_first(gateway[chosen], own, count))
    return columns
