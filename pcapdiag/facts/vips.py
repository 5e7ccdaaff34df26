"""The table `vip`: how the same service treats different kinds of clients."""

import numpy as np

from pcapdiag.facts.addresses import AddressBook, Columns, Numbered, of_record
from pcapdiag.facts.backs import ANSWERED, Backs
from pcapdiag.facts.endpoints import Endpoints, tally
from pcapdiag.facts.fronts import Fronts
from pcapdiag.facts.networks import network_columns
from pcapdiag.facts.questions import ROLE_OTHER, Questions
from pcapdiag.facts.roles import Roles
from pcapdiag.facts.servers import asked_columns, best_question
from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import HANDSHAKES


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
    without = np.bincount(backs.owner, minlength=len(fronts.id)) == 0
    served = of_record(traffic.flows["bytes"][:, 1], fronts.record) > 0
    handshake = of_record(traffic.flows["handshake"], fronts.record)
    snat = np.isin(fronts.mode, ["snat", "full-nat"])
    kept = np.isin(fronts.mode, ["transparent", "dnat"])
    columns: Columns = {
        "address": numbered.book.text(vips.address),
        "port": vips.port,
        "sessions": tally(at, at >= 0, count),
        "without_back": tally(at, without, count),
        "answered_alone": tally(at, without & served, count),
        "snat": tally(at, snat, count),
        "kept": tally(at, kept, count),
    }
    for word in ("ok", "failed", "degraded", "undetermined"):
        columns[f"sessions_{word}"] = tally(at, fronts.outcome == word, count)
    for word in ("ok", "failed"):
        columns[f"snat_{word}"] = tally(at, snat & (fronts.outcome == word), count)
        columns[f"kept_{word}"] = tally(at, kept & (fronts.outcome == word), count)
    for word in ("refused", "unanswered", "complete"):
        columns[f"front_{word}"] = tally(at, handshake == HANDSHAKES.index(word), count)
    return (
        columns
        | network_columns(numbered.book, at, fronts, backs, roles, count)
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
        **asked_columns("other", traffic, book, asked, best),
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
