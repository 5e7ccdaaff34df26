"""The table `vip`: how the same service treats different kinds of clients."""

from typing import Final

import numpy as np

from pcapdiag.facts.addresses import AddressBook, Columns, Numbered, of_record
from pcapdiag.facts.asked import asked_columns, best_question, described
from pcapdiag.facts.backs import ANSWERED, Backs
from pcapdiag.facts.columns import DOUBLE, Column, count, text, time, true
from pcapdiag.facts.endpoints import Endpoints, tally
from pcapdiag.facts.fronts import Fronts
from pcapdiag.facts.networks import network_columns
from pcapdiag.facts.questions import ROLE_OTHER, Questions
from pcapdiag.facts.roles import Roles
from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import HANDSHAKES, FlowTable

VIP: Final = (
    text("address", "address that clients call"),
    count("port", "its port"),
    count("sessions", "sessions"),
    count("sessions_ok", "of these: ok"),
    count("sessions_failed", "of these: failed"),
    count("sessions_degraded", "of these: degraded"),
    count("sessions_undetermined", "of these: undetermined"),
    count("without_back", "sessions without a back"),
    count("answered_alone", "of these: the balancer sent payload by itself"),
    count("front_refused", "fronts refused with RST"),
    count("front_unanswered", "fronts whose SYNs got no answer"),
    count("front_complete", "fronts with a complete handshake"),
    count(
        "front_half_open",
        "fronts whose SYN came once, and whose SYN-ACK was repeated and neither acknowledged nor refused",
    ),
    count("snat", "sessions whose back carries the balancer's address"),
    count("snat_ok", "of these: ok"),
    count("snat_failed", "of these: failed"),
    count("kept", "sessions whose back carries the client's address (transparent, dnat)"),
    count("kept_ok", "of these: ok"),
    count("kept_failed", "of these: failed"),
    text("snat_network", "smallest network that holds all clients of `snat`"),
    text("kept_network", "smallest network that holds all clients of `kept`"),
    count("snat_clients", "different client addresses of `snat`"),
    count("kept_clients", "different client addresses of `kept`"),
    count("kept_inside_snat", "client addresses of `kept` that lie inside `snat_network`"),
    text(
        "local_network",
        "smallest network that holds the clients of `snat` and the addresses used for them",
    ),
    count("kept_inside_local", "client addresses of `kept` that lie inside `local_network`"),
    count("in_both", "client addresses that are in both"),
    count("snat_on_link", "of `snat_clients`: on-link"),
    count("kept_on_link", "of `kept_clients`: on-link"),
    count("servers", "real servers that carried its sessions"),
    count("servers_failing", "of these: took none of the sessions they were given"),
    *described(
        "other",
        "address that is neither the balancer's nor a client's and that one of its servers asked for",
    ),
    text("other_asked_by", "that server"),
    count(
        "health_checks_failed",
        "failed health checks of servers that carry it, or that no VIP is known for",
    ),
    count("health_checks_ok", "health checks of such servers that got an answer"),
    Column("share", DOUBLE, "share of all captured fronts that call it, 0 to 1"),
    text(
        "caller",
        "address of a station that calls it by itself and passes on calls that carry others' addresses: "
        "a balancer before a real server; NULL: none, or backs were captured",
    ),
    count("caller_answered", "calls from that address that were answered"),
    text("caller_file", "capture of the first of them"),
    count("caller_syn_frame", "its SYN"),
    count("caller_syn_ack_frame", "its answer"),
    count("passed_on", "calls with other addresses that came from that station's MAC"),
    count("passed_on_answered", "of these: answered"),
    true(
        "at_server",
        "the capture that shows this was taken at the server called: the user says so, or frames "
        "between it and others pass there; NULL: cannot be told",
    ),
    count(
        "given_up",
        "fronts that it accepted and closed first, a second or more later, without a byte before",
    ),
    count("given_up_even", "of these: after the median wait, give or take 5 %"),
    time("given_up_ns", "that median wait"),
    text(
        "checker",
        "its only client, where that calls by the clock: three times or more, at intervals that differ by "
        "at most a tenth",
    ),
)


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
    served = (fronts.record >= 0) & traffic.flows.served[fronts.record]
    handshake = of_record(traffic.flows["handshake"], fronts.record)
    snat = keys.among(fronts.mode, ["snat", "full-nat"])
    kept = keys.among(fronts.mode, ["transparent", "dnat"])
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
    columns["front_half_open"] = tally(at, half_open(traffic.flows, fronts.record), count)
    return (
        columns
        | network_columns(numbered.book, at, fronts, backs, roles, count)
        | _pool(traffic, numbered.book, at, servers, backs, asked, count)
    )


def half_open(flows: FlowTable, record: Ints) -> Bools:
    """Return which fronts are half open, and nobody waits at the other end: a client repeats its SYN."""
    partial = of_record(flows["handshake"], record) == HANDSHAKES.index("partial")
    found: Bools = (
        partial
        & (of_record(flows["syn_count"], record) == 1)
        & (of_record(flows["syn_ack_count"], record) >= 2)
        & (of_record(flows["resets"][:, 0], record) == 0)
    )
    return found


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
    loose = ~keys.among(np.arange(len(servers.address)), pair_server)
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
