"""The table `server`: how the same server treats different kinds of sources."""

from typing import Any

import numpy as np

from pcapdiag.facts.addresses import AddressBook, Columns, Numbered, file_texts, of_record
from pcapdiag.facts.astray import astray
from pcapdiag.facts.backs import ANSWERED, BALANCER, CLIENT, REFUSED, UNANSWERED, Backs
from pcapdiag.facts.endpoints import Endpoints, tally
from pcapdiag.facts.fronts import Fronts
from pcapdiag.facts.questions import ROLE_BALANCER, ROLE_CLIENT, ROLE_OTHER, Questions
from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import Traffic

_RESULTS = {"answered": ANSWERED, "refused": REFUSED, "unanswered": UNANSWERED}


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
        columns[f"{kind}_sourced"] = tally(at, chosen, count)
        for word, result in _RESULTS.items():
            columns[f"{kind}_{word}"] = tally(at, chosen & (backs.result == result), count)
    acked = np.full(count, -1, np.int64)
    largest = traffic.flows["largest_acked_payload"][backs.record, 0].astype(np.int64)
    np.maximum.at(acked, at[known], largest[known])
    client = fronts.client[backs.owner]
    columns |= {
        "served": tally(at, backs.served, count),
        "acked_payload": acked,
        "clients_refused": distinct(client, (backs.result == REFUSED) & (client >= 0)),
        "answers_astray": tally(at, astray(traffic.flows)[backs.record] == 1, count),
    }
    for word, role in (("other", ROLE_OTHER), ("balancer", ROLE_BALANCER), ("client", ROLE_CLIENT)):
        best = best_question(asked, role, servers.address)
        columns |= asked_columns(word, traffic, numbered.book, asked, best)
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


def asked_columns(
    word: str, traffic: Traffic, book: AddressBook, asked: Questions, best: Ints
) -> Columns:
    """Return the columns about the best question of a kind; `best` are positions in `asked`, -1: none."""
    chance = asked.chance[best] if len(asked.chance) else np.full(len(best), -1.0)
    return {
        f"{word}_asked": book.text(of_record(asked.target, best)),
        f"{word}_asked_file": file_texts(traffic, of_record(asked.file, best)),
        f"{word}_asked_frame": of_record(asked.frame, best),
        f"{word}_asked_record": of_record(asked.record, best),
        f"{word}_asked_after_ns": of_record(asked.after_ns, best),
        f"{word}_asked_chance": np.where(best >= 0, chance, -1.0),
    }
