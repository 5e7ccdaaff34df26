"""What servers ask for in ARP or neighbour discovery right after forwarded SYNs.

A server that answers a SYN must first resolve its next hop: who it asks for tells where the answer
goes.  Only broadcasts reach the balancer, and only while the server's cache is cold, so absence says
nothing.  Sources: RFC 826; RFC 4861 7.2.2.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pcapdiag.facts.addresses import Numbered, of_record
from pcapdiag.facts.backs import CLIENT, Backs
from pcapdiag.facts.fronts import Fronts
from pcapdiag.facts.roles import Roles
from pcapdiag.flows import keys
from pcapdiag.flows.events import EVENT_KINDS, NEIGHBOR_KINDS
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.flows.result import Traffic

QUESTION_ROLES = ("balancer", "client", "server", "other")
ROLE_BALANCER, ROLE_CLIENT, ROLE_SERVER, ROLE_OTHER = range(len(QUESTION_ROLES))

WINDOW_NS = 3_000_000_000
"""A request later than this after a SYN has nothing to do with it."""

VIRTUAL_ROUTERS = 0x00005E00
"""First four bytes of the MACs that redundant routers share (RFC 9568 7.3)."""

REPEAT_NS = 3_000_000_000
"""Requests for the same address within this time are one question: stacks repeat each second."""


@dataclass(frozen=True)
class Questions:
    """One entry a pair of server and address asked for."""

    server: Ints
    target: Ints
    role: Ints
    requests: Ints
    file: Ints
    """-1: no request came after a SYN with a client's address; likewise the columns below."""
    frame: Ints
    record: Ints
    after_ns: Ints
    chance: NDArray[np.float64]
    """-1.0: unknown."""


@dataclass(frozen=True)
class _Requests:
    server: Ints
    target: Ints
    file: Ints
    frame: Ints
    time_ns: Ints


@dataclass(frozen=True)
class _Syns:
    """SYNs sent to servers, sorted by file and time."""

    key: Ints
    """Whom they concern: equal numbers belong together."""
    time_ns: Ints
    record: Ints


def questions(
    traffic: Traffic, numbered: Numbered, fronts: Fronts, backs: Backs, roles: Roles
) -> Questions:
    """Return what each server asked for, and how it relates to the SYNs forwarded to it."""
    asked = _requests(traffic, numbered, roles)
    kept = backs.source_kind == CLIENT
    clients = keys.distinct(fronts.client[fronts.client >= 0])
    count = len(numbered.book) + 1
    files = max(1, len(traffic.captures))
    by_server = asked.server * files + asked.file
    by_client = (asked.server * count + asked.target) * files + asked.file
    to_server = backs.server * files + of_record(traffic.flows["file"], backs.record)
    to_client = (backs.server * count + backs.source) * files
    to_client += of_record(traffic.flows["file"], backs.record)
    is_client = keys.among(asked.target, clients)
    kept_syns = _syns(traffic, backs.record[kept], to_server[kept], by_server)
    own_syns = _syns(traffic, backs.record[kept], to_client[kept], by_client)
    other_syns = _syns(traffic, backs.record[~kept], to_server[~kept], by_server)
    after, record, sent = _before(kept_syns, by_server, asked.time_ns)
    own_after, own_record, own_sent = _before(own_syns, by_client, asked.time_ns)
    # The client's own SYNs explain a request for the client; any kept SYN one for a router.
    after, record, sent = (
        np.where(is_client, own, all_)
        for own, all_ in ((own_after, after), (own_record, record), (own_sent, sent))
    )
    nearer, _, _ = _before(other_syns, by_server, asked.time_ns)
    # A SYN of the balancer's own that came later explains the request as well.
    explained = (nearer >= 0) & (nearer <= after)
    usable = (after >= 0) & (after <= WINDOW_NS) & ~explained
    found = _grouped(traffic, roles, clients, asked, after, record, sent, usable)
    routers = _claimed_by_others(traffic, numbered, backs)
    asked_there = found.file << 40 | found.target
    misjudged = (found.role == ROLE_BALANCER) & keys.among(asked_there, routers)
    return replace(found, role=np.where(misjudged, ROLE_OTHER, found.role))


def _claimed_by_others(traffic: Traffic, numbered: Numbered, backs: Backs) -> Ints:
    """Return (file, address) pairs that answer with other MACs than those that SYNs to servers come from.

    Each pair is one number.  Where a router was captured too, its addresses may pass for the balancer's.
    """
    flows, events = traffic.flows, traffic.neighbors
    own = flows["file"][backs.record].astype(np.int64) << 48 | flows["mac"][backs.record, 0, 0]
    own = keys.distinct(own[flows["mac"][backs.record, 0, 0] >= 0])
    answers = [NEIGHBOR_KINDS.index("arp-reply"), NEIGHBOR_KINDS.index("neighbor-advertisement")]
    said = (
        keys.among(events["kind"], answers) & (numbered.sender >= 0) & (events["sender_mac"] >= 0)
    )
    file = events["file"][said].astype(np.int64)
    macs = np.column_stack([events["sender_mac"], events["mac"][:, 0]])[said]
    virtual = (macs >> 16 == VIRTUAL_ROUTERS).any(axis=1)
    ours = keys.among(file[:, None] << 48 | macs, own).any(axis=1) | virtual
    there = file << 40 | numbered.sender[said]
    found: Ints = keys.outside(there[~ours], there[ours])
    return found[keys.among(found >> 40, own >> 48)]


def _requests(traffic: Traffic, numbered: Numbered, roles: Roles) -> _Requests:
    """Return the broadcast requests of servers for others' addresses."""
    events = traffic.neighbors
    kinds = [NEIGHBOR_KINDS.index("arp-request"), NEIGHBOR_KINDS.index("neighbor-solicitation")]
    sender = numbered.sender.copy()
    # A router is asked for from the link-local address too: the MAC tells whose it is.
    known = keys.among(sender, roles.servers) & (events["sender_mac"] >= 0)
    macs, first = np.unique(events["sender_mac"][known], return_index=True)
    if len(macs):
        owner = sender[known][first]
        at = np.searchsorted(macs, events["sender_mac"]).clip(max=len(macs) - 1)
        link_local = (events["ip_version"] == 6) & (events["sender"][:, 0] >> 22 == 0xFE80 >> 6)
        sender = np.where(link_local & (macs[at] == events["sender_mac"]), owner[at], sender)
    chosen = keys.among(events["kind"], kinds) & (events["broadcast"] != 0)
    chosen &= keys.among(sender, roles.servers) & (numbered.target >= 0)
    chosen &= numbered.target != sender
    return _Requests(
        server=sender[chosen],
        target=numbered.target[chosen],
        file=events["file"][chosen].astype(np.int64),
        frame=events["frame"][chosen].astype(np.int64),
        time_ns=events["time_ns"][chosen].astype(np.int64),
    )


def _syns(traffic: Traffic, records: Ints, concerned: Ints, asked: Ints) -> _Syns:
    """Return the SYNs of these flows that concern somebody who asked; the numbers of both are keys."""
    flows, events = traffic.flows, traffic.events
    about = keys.among(concerned, asked)
    records = records[about]
    if not len(records):
        return _Syns(records, records, records)
    key_of = np.full(len(flows), -1, np.int64)
    key_of[records] = concerned[about]
    chosen = (events["kind"] == EVENT_KINDS.index("syn")) & (events["direction"] == 0)
    chosen &= of_record(key_of, events["record"]) >= 0
    record = np.concatenate([records, records, events["record"][chosen]])
    time_ns = np.concatenate(
        [flows["syn_ns"][records], flows["last_syn_ns"][records], events["time_ns"][chosen]]
    )
    known = time_ns >= 0
    record, time_ns = record[known], time_ns[known]
    key = key_of[record]
    # A SYN that is both in the flow table and among the events counts once.
    once = keys.firsts(key, time_ns, record)
    return _Syns(key[once], time_ns[once], record[once])


def _before(syns: _Syns, key: Ints, time_ns: Ints) -> tuple[Ints, Ints, Ints]:
    """Return for each request the time since the last SYN of its key, its record, and how many came."""
    if not len(syns.key) or not len(key):
        nothing = np.full(len(key), -1, np.int64)
        return nothing, nothing.copy(), np.zeros(len(key), np.int64)
    times = keys.union(syns.time_ns, time_ns)
    width = len(times) + 1
    place = syns.key * width + np.searchsorted(times, syns.time_ns)
    wanted = key * width + np.searchsorted(times, time_ns)
    at = np.searchsorted(place, wanted, side="right") - 1
    found = (at >= 0) & (syns.key[at] == key)
    low, high = np.searchsorted(syns.key, key), np.searchsorted(syns.key, key, side="right")
    return (
        np.where(found, time_ns - syns.time_ns[at], -1),
        np.where(found, syns.record[at], -1),
        (high - low).astype(np.int64),
    )


def _grouped(
    traffic: Traffic,
    roles: Roles,
    clients: Ints,
    asked: _Requests,
    after: Ints,
    record: Ints,
    sent: Ints,
    usable: Bools,
) -> Questions:
    """Put the requests of one server for one address together; the one soonest after a SYN stands."""
    group = keys.numbers(asked.server, asked.target)
    pairs = keys.firsts(asked.server, asked.target)
    server, target = asked.server[pairs], asked.target[pairs]
    requests = _counted(group, asked, len(pairs))
    ranked = np.lexsort((asked.frame, asked.file, after, ~usable, group))
    heads = ranked[keys.fresh(group[ranked])]
    best = np.where(usable[heads], heads, -1)
    spans = np.array([c.account.last_ns - c.account.first_ns for c in traffic.captures], np.int64)
    role = np.full(len(pairs), ROLE_OTHER, np.int64)
    role[keys.among(target, roles.servers)] = ROLE_SERVER
    role[keys.among(target, clients)] = ROLE_CLIENT
    role[keys.among(target, roles.balancers) | keys.among(target, roles.vips)] = ROLE_BALANCER
    return Questions(
        server=server,
        target=target,
        role=role,
        requests=requests,
        file=of_record(asked.file, best),
        frame=of_record(asked.frame, best),
        record=of_record(record, best),
        after_ns=of_record(after, best),
        chance=_chance(
            of_record(after, best),
            of_record(sent, best),
            of_record(spans[asked.file], best),
            requests,
        ),
    )


def _counted(group: Ints, asked: _Requests, count: int) -> Ints:
    """Count the requests of each group, those within the same few seconds once."""
    first = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(first, group, asked.time_ns)
    span = (asked.time_ns - first[group]) // REPEAT_NS if len(group) else group
    distinct = keys.firsts(group, asked.file, span)
    counted: Ints = np.bincount(group[distinct], minlength=count).astype(np.int64)
    return counted


def _chance(after: Ints, sent: Ints, span: Ints, requests: Ints) -> NDArray[np.float64]:
    """Return how likely one of `requests` at random times comes that soon after one of `sent` SYNs."""
    share = np.clip(sent * np.maximum(after, 1_000) / np.maximum(span, 1), 0.0, 1.0)
    chance = 1.0 - (1.0 - share) ** np.maximum(requests, 1)
    return np.where(after >= 0, chance, -1.0)
