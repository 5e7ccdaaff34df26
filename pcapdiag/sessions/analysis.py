"""All files of an analysis: pairs, sessions and topology, each session once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.payload import http1, stream
from pcapdiag.sessions import requests, retries
from pcapdiag.sessions.build import ReadStatus, sessions_of
from pcapdiag.sessions.model import Session
from pcapdiag.sessions.pair import Pairs, pair_file
from pcapdiag.settings import Settings
from pcapdiag.topology.describe import describe, together
from pcapdiag.topology.health import LARGEST_BYTES
from pcapdiag.topology.model import Topology

MOST_STATUSES = 20_000
"""Replies read again to learn their status; beyond, it stays unknown."""


def pair(traffic: Traffic, settings: Settings) -> tuple[Topology, list[Session]]:
    """Return who is who and the sessions of all files, numbered from 1 in order of file and frame."""
    parts: list[Topology] = []
    sessions: list[list[Session]] = []
    for file in range(len(traffic.captures)):
        pairs = _settled(_with_reuse(traffic, file, pair_file(traffic, file, settings)))
        neighbors = traffic.neighbors[traffic.neighbors["file"] == file]
        paired = (pairs.front, pairs.back)
        parts.append(
            describe(
                pairs.legs, pairs.roles, pairs.fronts, paired, pairs.probes, neighbors, settings
            )
        )
        end = traffic.captures[file].account.last_ns
        sessions.append(sessions_of(pairs, end, _statuses(traffic, file)))
    return together(parts), _numbered(_each_once(traffic, sessions))


def _with_reuse(traffic: Traffic, file: int, pairs: Pairs) -> Pairs:
    """Pair request by request where connections were reused."""
    if not requests.reused(pairs.scene, pairs.front, pairs.back):
        return pairs

    def read(events: NDArray[Any]) -> Sequence[http1.Request | None]:
        return [http1.request(data) for data in stream.read(traffic, file, events)]

    taking = ~retries.failed(pairs.legs)
    carried = requests.carry(pairs.scene, traffic.events, len(traffic.flows), read, taking)
    # Legs whose requests were paired leave their one-to-one pair; the others keep theirs.
    keep = ~np.isin(pairs.back, carried.back) & ~np.isin(pairs.front, carried.front)
    return replace(
        pairs,
        front=np.concatenate([pairs.front[keep], carried.front]),
        back=np.concatenate([pairs.back[keep], carried.back]),
        confidence=np.concatenate([pairs.confidence[keep], carried.confidence]),
        evidence=(
            *(e for e, kept in zip(pairs.evidence, keep, strict=True) if kept),
            *((("requests", "time"),) * len(carried.front)),
        ),
    )


def _settled(pairs: Pairs) -> Pairs:
    """Return the pairs with `probes` final: health checks are nobody's back.

    Where most backs found their fronts, what is left of the balancer's own short dialogues are probes,
    even when they are too few for a beat.
    """
    legs = pairs.legs
    paired = np.zeros(len(legs), np.bool_)
    paired[pairs.back] = True
    left = pairs.backs & ~paired
    short = legs.flow["bytes"].sum(axis=1) <= LARGEST_BYTES
    short &= left & np.isin(legs.source, pairs.roles.self_addresses)
    few = 2 * int(left.sum()) < int(paired.sum()) + 2
    return replace(pairs, probes=left & (pairs.probes | (short if few else False)))


def _statuses(traffic: Traffic, file: int) -> ReadStatus:
    def read(records: Ints) -> dict[int, int]:
        chosen = records[:MOST_STATUSES]
        replies = stream.first_data(traffic, file, chosen, direction=1)
        found = ((int(r), http1.status(data)) for r, data in zip(chosen, replies, strict=True))
        return {record: status for record, status in found if status is not None}

    return read


def _each_once(traffic: Traffic, sessions: list[list[Session]]) -> list[Session]:
    """Leave out a lone leg that another file shows too."""
    if len(sessions) == 1:
        return sessions[0]

    def key(record: int) -> tuple[bytes, bytes, int]:
        row = traffic.flows[record]
        return row["address"].tobytes(), row["port"].tobytes(), int(row["isn"][0])

    known = {
        key(record)
        for part in sessions
        for s in part
        if s.front >= 0 and s.backs
        for record in (s.front, *(back.record for back in s.backs))
    }
    kept: list[Session] = []
    for part in sessions:
        for session in part:
            if session.front < 0 or not session.backs:
                own = key(session.front if session.front >= 0 else session.backs[0].record)
                if own in known:
                    continue
                known.add(own)
            kept.append(session)
    return kept


def _numbered(sessions: list[Session]) -> list[Session]:
    # Spelled out: dataclasses.replace takes four times as long, and there may be a million.
    return [
        Session(number, s.front, s.backs, s.mode, s.outcome, s.health_check)
        for number, s in enumerate(sessions, 1)
    ]
