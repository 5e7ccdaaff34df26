"""The tables `server` and `vip`: how the same server or service treats different kinds of sources."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pcapdiag.facts.addresses import AddressBook, Columns, Numbered, file_texts, of_record
from pcapdiag.facts.astray import astray
from pcapdiag.facts.questions import (
    ROLE_BALANCER,
    ROLE_CLIENT,
    ROLE_OTHER,
    Questions,
)
from pcapdiag.facts.sessions import (
    ANSWERED,
    BALANCER,
    CLIENT,
    REFUSED,
    UNANSWERED,
    Backs,
    Fronts,
    Roles,
    decisive,
)
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import HANDSHAKES
from pcapdiag.topology.model import Topology

_RESULTS = {"answered": ANSWERED, "refused": REFUSED, "unanswered": UNANSWERED}


@dataclass(frozen=True)
class Endpoints:
    """Addresses with a port, sorted; the rows of `server` or `vip`."""

    address: Ints
    port: Ints

    def find(self, address: Ints, port: Ints) -> Ints:
        """Return for each pair its position here; -1: not among them."""
        keys, wanted = self.address << 17 | (self.port + 1), address << 17 | (port + 1)
        if not len(keys):
            return np.full(len(wanted), -1, np.int64)
        at = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
        return np.where((keys[at] == wanted) & (address >= 0), at, -1).astype(np.int64)


def endpoints(rows: set[tuple[int, int]]) -> Endpoints:
    """Return the pairs of address number and port, sorted."""
    ordered = np.array(sorted(rows), np.int64).reshape(-1, 2)
    return Endpoints(ordered[:, 0].copy(), ordered[:, 1].copy())


def services(fronts: Fronts) -> Endpoints:
    """Return the virtual services that fronts call."""
    seen = fronts.vip >= 0
    return endpoints({*zip(fronts.vip[seen].tolist(), fronts.port[seen].tolist(), strict=True)})


def real_servers(topology: Topology, book: AddressBook, backs: Backs) -> Endpoints:
    """Return every real server: those of the topology, and those that took backs."""
    rows = {
        (book.number(role.address), role.port if role.port is not None else -1)
        for role in topology.servers
    }
    rows |= {*zip(backs.server.tolist(), backs.port.tolist(), strict=True)}
    # A server named without a port is not one more server beside its ports.
    with_port = {number for number, port in rows if port >= 0}
    return endpoints(
        {(n, port) for n, port in rows if n >= 0 and (port >= 0 or n not in with_port)}
    )


def server_columns(
    traffic: Traffic,
    numbered: Numbered,
    servers: Endpoints,
    fronts: Fronts,
    backs: Backs,
    asked: Questions,
) -> Columns:
    """Return the columns of `server`."""
    count = len(servers.address)
    at = servers.find(backs.server, backs.port)
    known = at >= 0

    def tally(chosen: Any) -> Ints:
        return np.bincount(at[known & chosen], minlength=count).astype(np.int64)

    def distinct(values: Ints, chosen: Any) -> Ints:
        picked = known & chosen
        pairs = np.unique(at[picked] << 40 | values[picked])
        return np.bincount(pairs >> 40, minlength=count).astype(np.int64)

    of_client = fronts.record[backs.owner] >= 0
    outcome = fronts.outcome[backs.owner]
    kinds = {
        "balancer": backs.source_kind == BALANCER,
        "client": backs.source_kind == CLIENT,
        "health_check": backs.health_check,
    }
    columns: Columns = {
        "address": numbered.book.text(servers.address),
        "port": servers.port,
        "sessions": distinct(backs.owner, of_client),
        "sessions_ok": distinct(backs.owner, of_client & (outcome == "ok")),
        "sessions_failed": distinct(backs.owner, of_client & (outcome == "failed")),
    }
    for kind, chosen in kinds.items():
        columns[f"{kind}_sourced"] = tally(chosen)
        for word, result in _RESULTS.items():
            columns[f"{kind}_{word}"] = tally(chosen & (backs.result == result))
    acked = np.full(count, -1, np.int64)
    largest = traffic.flows["largest_acked_payload"][backs.record, 0].astype(np.int64)
    np.maximum.at(acked, at[known], largest[known])
    client = fronts.client[backs.owner]
    columns |= {
        "served": tally(backs.served),
        "acked_payload": acked,
        "clients_refused": distinct(client, (backs.result == REFUSED) & (client >= 0)),
        "answers_astray": tally(astray(traffic.flows)[backs.record] == 1),
    }
    for word, role in (("other", ROLE_OTHER), ("balancer", ROLE_BALANCER), ("client", ROLE_CLIENT)):
        best = best_question(asked, role, servers.address)
        columns |= _asked(word, traffic, numbered.book, asked, best)
    return columns


def best_question(asked: Questions, role: int, servers: Ints) -> Ints:
    """Return for each server the least accidental of its questions in a role; -1: none."""
    chosen = np.flatnonzero((asked.role == role) & (asked.frame >= 0))
    order = np.lexsort(
        (asked.frame[chosen], asked.file[chosen], asked.chance[chosen], asked.server[chosen])
    )
    chosen = chosen[order]
    found = np.full(len(servers), -1, np.int64)
    if len(chosen):
        first = np.searchsorted(asked.server[chosen], servers).clip(max=len(chosen) - 1)
        found = np.where(asked.server[chosen][first] == servers, chosen[first], -1)
    return found


def _asked(word: str, traffic: Traffic, book: AddressBook, asked: Questions, best: Ints) -> Columns:
    chance = asked.chance[best] if len(asked.chance) else np.full(len(best), -1.0)
    return {
        f"{word}_asked": book.text(of_record(asked.target, best)),
        f"{word}_asked_file": file_texts(traffic, of_record(asked.file, best)),
        f"{word}_asked_frame": of_record(asked.frame, best),
        f"{word}_asked_record": of_record(asked.record, best),
        f"{word}_asked_after_ns": of_record(asked.after_ns, best),
        f"{word}_asked_chance": np.where(best >= 0, chance, -1.0),
    }


def vip_columns(
    traffic: Traffic,
    numbered: Numbered,
    vips: Endpoints,
    servers: Endpoints,
    fronts: Fronts,
    backs: Backs,
    asked: Questions,
    roles: Roles,
) -> Columns:
    """Return the columns of `vip`."""
    count = len(vips.address)
    at = vips.find(fronts.vip, fronts.port)
    known = at >= 0

    def tally(chosen: Any) -> Ints:
        return np.bincount(at[known & chosen], minlength=count).astype(np.int64)

    without = np.bincount(backs.owner, minlength=len(fronts.id)) == 0
    served = of_record(traffic.flows["bytes"][:, 1], fronts.record) > 0
    handshake = of_record(traffic.flows["handshake"], fronts.record)
    snat = np.isin(fronts.mode, ["snat", "full-nat"])
    kept = np.isin(fronts.mode, ["transparent", "dnat"])
    columns: Columns = {
        "address": numbered.book.text(vips.address),
        "port": vips.port,
        "sessions": tally(known),
        "without_back": tally(without),
        "answered_alone": tally(without & served),
        "snat": tally(snat),
        "kept": tally(kept),
    }
    for word in ("ok", "failed", "degraded", "undetermined"):
        columns[f"sessions_{word}"] = tally(fronts.outcome == word)
    for word in ("ok", "failed"):
        columns[f"snat_{word}"] = tally(snat & (fronts.outcome == word))
        columns[f"kept_{word}"] = tally(kept & (fronts.outcome == word))
    for word in ("refused", "unanswered", "complete"):
        columns[f"front_{word}"] = tally(handshake == HANDSHAKES.index(word))
    return (
        columns
        | _networks(numbered.book, at, fronts, backs, roles, count)
        | _pool(traffic, numbered.book, at, servers, backs, asked, count)
    )


def _pool(
    traffic: Traffic,
    book: AddressBook,
    vip_of: Ints,
    servers: Endpoints,
    backs: Backs,
    asked: Questions,
    count: int,
) -> Columns:
    """Return the columns of `vip` about its servers: how many fail, what they asked, their health checks."""
    server_of = servers.find(backs.server, backs.port)
    vip = vip_of[backs.owner]
    carried = (vip >= 0) & (server_of >= 0)
    pairs, inverse = np.unique(vip[carried] << 32 | server_of[carried], return_inverse=True)
    took = np.bincount(inverse.reshape(-1)[backs.result[carried] == ANSWERED], minlength=len(pairs))
    pair_vip, pair_server = pairs >> 32, pairs & 0xFFFFFFFF
    best = _best_of_pool(asked, servers, pair_vip, pair_server, count)
    checks = backs.health_check & (server_of >= 0)
    good = np.bincount(
        server_of[checks & (backs.result == ANSWERED)], minlength=len(servers.address)
    )
    all_ = np.bincount(server_of[checks], minlength=len(servers.address))
    # Health checks name no VIP: those of servers that no VIP is known for count for all.
    loose = ~np.isin(np.arange(len(servers.address)), pair_server)
    failed = np.bincount(pair_vip, (all_ - good)[pair_server], minlength=count)
    fine = np.bincount(pair_vip, good[pair_server], minlength=count)
    return {
        "servers": np.bincount(pair_vip, minlength=count),
        "servers_failing": np.bincount(pair_vip[took == 0], minlength=count),
        "other_asked_by": book.text(of_record(asked.server, best)),
        **_asked("other", traffic, book, asked, best),
        "health_checks_failed": (failed + (all_ - good)[loose].sum()).astype(np.int64),
        "health_checks_ok": (fine + good[loose].sum()).astype(np.int64),
    }


def _best_of_pool(
    asked: Questions, servers: Endpoints, pair_vip: Ints, pair_server: Ints, count: int
) -> Ints:
    by_server = best_question(asked, ROLE_OTHER, servers.address)
    best = np.full(count, -1, np.int64)
    for vip, server in zip(pair_vip.tolist(), pair_server.tolist(), strict=True):
        new, old = int(by_server[server]), int(best[vip])
        if new >= 0 and (old < 0 or _rank(asked, new) < _rank(asked, old)):
            best[vip] = new
    return best


def _rank(asked: Questions, at: int) -> tuple[float, int, int]:
    return float(asked.chance[at]), int(asked.file[at]), int(asked.frame[at])


def _networks(
    book: AddressBook, vip_of: Ints, fronts: Fronts, backs: Backs, roles: Roles, count: int
) -> Columns:
    """Return per virtual service the networks of its SNATed and its kept clients."""
    main = decisive(fronts, backs)
    kept = (
        (main >= 0)
        & (of_record(backs.source_kind, main) == CLIENT)
        & ~np.isin(fronts.mode, ["dsr", "tunnel"])
    )
    snat = (main >= 0) & np.isin(fronts.mode, ["snat", "full-nat"])
    rows: list[dict[str, Any]] = []
    for vip in range(count):
        mine = vip_of == vip
        with_snat, with_kept = (_clients(fronts, mine & chosen) for chosen in (snat, kept))
        sources = backs.source[main[mine & snat]]
        local = np.unique(np.concatenate([with_snat, sources]))
        rows.append(
            {
                "snat_network": _network(book, with_snat),
                "kept_network": _network(book, with_kept),
                "local_network": _network(book, local),
                "snat_clients": len(with_snat),
                "kept_clients": len(with_kept),
                "kept_inside_snat": _inside(book, with_snat, with_kept),
                "kept_inside_local": _inside(book, local, with_kept),
                "in_both": len(np.intersect1d(with_snat, with_kept)),
                "snat_on_link": int(np.isin(with_snat, roles.on_link).sum()),
                "kept_on_link": int(np.isin(with_kept, roles.on_link).sum()),
            }
        )
    names = _NETWORK_COLUMNS
    return {
        name: np.array(
            [row[name] for row in rows], object if name.endswith("network") else np.int64
        )
        for name in names
    }


_NETWORK_COLUMNS = (
    "snat_network", "kept_network", "local_network", "snat_clients", "kept_clients", "kept_inside_snat",
    "kept_inside_local", "in_both", "snat_on_link", "kept_on_link",
)  # fmt: skip


def _clients(fronts: Fronts, chosen: Bools) -> Ints:
    clients: Ints = np.unique(fronts.client[chosen & (fronts.client >= 0)])
    return clients


def _network(book: AddressBook, clients: Ints) -> str:
    if not len(clients):
        return ""
    network = book.network(int(clients[0]), int(clients[-1]))
    return "" if network is None else str(network)


def _inside(book: AddressBook, ones: Ints, others: Ints) -> int:
    """Count the others that lie within the network of the ones."""
    network = book.network(int(ones[0]), int(ones[-1])) if len(ones) else None
    if network is None:
        return 0
    first, end = book.inside(network)
    return int(((others >= first) & (others < end)).sum())
