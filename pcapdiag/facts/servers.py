"""The table `server`: how the same server treats different kinds of sources."""

from typing import Any, Final

import numpy as np

from pcapdiag.facts.addresses import Columns, Numbered
from pcapdiag.facts.asked import asked_columns, best_question, described
from pcapdiag.facts.astray import astray
from pcapdiag.facts.backs import ANSWERED, BALANCER, CLIENT, REFUSED, UNANSWERED, Backs
from pcapdiag.facts.columns import BIGINT, Column, count, text
from pcapdiag.facts.endpoints import Endpoints, tally
from pcapdiag.facts.fronts import Fronts
from pcapdiag.facts.questions import ROLE_BALANCER, ROLE_CLIENT, ROLE_OTHER, Questions
from pcapdiag.flows import keys
from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import Traffic

_RESULTS = {"answered": ANSWERED, "refused": REFUSED, "unanswered": UNANSWERED}


def _kinds(what: str, words: dict[str, str]) -> tuple[Column, ...]:
    return tuple(count(f"{what}_{word}", meaning) for word, meaning in words.items())


_ATTEMPTS: Final = {
    "sourced": "connection attempts that carry {}",
    "answered": "of these: SYN-ACK or data came back",
    "refused": "of these: RST to the SYN",
    "unanswered": "of these: no answer, and enough capture left to wait for one",
}


def _attempts(kind: str, whose: str) -> tuple[Column, ...]:
    return _kinds(kind, {word: text.format(whose) for word, text in _ATTEMPTS.items()})


SERVER: Final = (
    text("address", "address of the real server"),
    count("port", "its port"),
    count("sessions", "sessions of clients with a back to it"),
    count("sessions_ok", "of these: ok"),
    count("sessions_failed", "of these: failed"),
    *_attempts("balancer", "the balancer's address, health checks included"),
    *_attempts("client", "a client's address"),
    *_attempts("health_check", "the balancer's address and are health checks"),
    count("served", "backs over which it sent payload"),
    Column("acked_payload", BIGINT, "largest payload in one packet that it acknowledged", "bytes"),
    count("clients_refused", "different client addresses among the sessions it refused"),
    *described(
        "other",
        "address that is neither the balancer's nor a client's and that the server asked for",
    ),
    *described("balancer", "address of the balancer that the server asked for"),
    *described("client", "address of a client that the server asked for"),
    count("answers_astray", "backs whose SYN-ACK left for another MAC than the SYN came from"),
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

    def distinct(values: Ints, chosen: Any) -> Ints:
        picked = known & chosen
        pairs = keys.distinct(at[picked] << 40 | values[picked])
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
