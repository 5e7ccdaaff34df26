"""The table `question`, and columns of other tables about what their servers asked for."""

from typing import Final

import numpy as np

from pcapdiag.facts.addresses import (
    AddressBook,
    Columns,
    Numbered,
    file_texts,
    of_record,
    words_of,
)
from pcapdiag.facts.backs import CLIENT, Backs
from pcapdiag.facts.columns import DOUBLE, Column, count, text, time
from pcapdiag.facts.questions import QUESTION_ROLES, ROLE_CLIENT, Questions
from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import Traffic

QUESTION: Final = (
    text("server", "real server that asked"),
    text("target", "address it asked for"),
    text(
        "role", "`balancer`, `client`, `server` (another one), `other` (then most likely a router)"
    ),
    count("requests", "broadcast requests for it, those within three seconds counted once"),
    text("file", "capture of the request that came soonest after a SYN with a client's address"),
    count("frame", "its frame"),
    count("record", "flow of that SYN"),
    time("after_ns", "time between that SYN and the request"),
    Column(
        "chance", DOUBLE, "chance that a request unrelated to those SYNs comes that soon after one"
    ),
)


def described(whom: str, meaning: str) -> tuple[Column, ...]:
    """Return the columns about the best question of a kind, `meaning` being whom it was for."""
    return (
        text(
            f"{whom}_asked",
            f"{meaning}, by broadcast right after a SYN that carries a client's address",
        ),
        text(f"{whom}_asked_file", "capture of that request"),
        count(f"{whom}_asked_frame", "frame of that request"),
        count(f"{whom}_asked_record", "record of the flow whose SYN came right before"),
        time(f"{whom}_asked_after_ns", "time between that SYN and the request"),
        Column(
            f"{whom}_asked_chance", DOUBLE, "chance that such a request falls there by accident"
        ),
    )


def question_columns(traffic: Traffic, numbered: Numbered, found: Questions) -> Columns:
    """Return the columns of `question`."""
    text_of = numbered.book.text
    return {
        "server": text_of(found.server),
        "target": text_of(found.target),
        "role": words_of(found.role, QUESTION_ROLES),
        "requests": found.requests,
        "file": file_texts(traffic, found.file),
        "frame": found.frame,
        "record": found.record,
        "after_ns": found.after_ns,
        "chance": found.chance,
    }


def client_asked(traffic: Traffic, numbered: Numbered, backs: Backs, found: Questions) -> Columns:
    """Return the columns of `back` about requests for its own client."""
    width = len(numbered.book) + 1
    chosen = np.flatnonzero((found.role == ROLE_CLIENT) & (found.frame >= 0))
    keys = found.server[chosen] * width + found.target[chosen]
    chosen = chosen[np.argsort(keys)]
    keys = np.sort(keys)
    wanted = backs.server * width + backs.source
    at = np.searchsorted(keys, wanted)
    hit = np.full(len(wanted), -1, np.int64)
    if len(keys):
        at = at.clip(max=len(keys) - 1)
        matched = (keys[at] == wanted) & (backs.source_kind == CLIENT)
        hit = np.where(matched, chosen[at], -1)
    chance = found.chance[hit] if len(found.chance) else np.full(len(hit), -1.0)
    return {
        "client_asked_file": file_texts(traffic, of_record(found.file, hit)),
        "client_asked_frame": of_record(found.frame, hit),
        "client_asked_after_ns": of_record(found.after_ns, hit),
        "client_asked_chance": np.where(hit >= 0, chance, -1.0),
    }


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
