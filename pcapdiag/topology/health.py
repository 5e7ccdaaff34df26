"""Health checks: flows that the balancer opens to a server by the clock, not for a client.

A health check repeats the same short dialogue to the same server at even intervals.
"""

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints, Legs

FEWEST = 3
"""Health checks needed to see a beat."""

EVEN = 0.05
"""Largest coefficient of variation of the intervals."""

LARGEST_BYTES = 4096
"""A health check asks little."""

AT_ONCE_NS = 5_000_000
"""A balancer that connects for a client does so within this time after the client's handshake."""


def health_checks(legs: Legs, backs: Bools, self_addresses: Ints) -> Bools:
    """Return which backs are the balancer's health checks.

    Backs from the balancer's own address are grouped by server and by the shape of their dialogue
    (payload bytes each way, end); a group is health checks when its starts are evenly spaced, and not
    each of them right after a client's handshake.
    """
    own = backs & keys.among(legs.source, self_addresses)
    sent = legs.column("bytes", 0), legs.column("bytes", 1)
    own &= sent[0] + sent[1] <= LARGEST_BYTES
    chosen = np.flatnonzero(own)
    shape = (
        legs.source,
        legs.endpoint,
        *sent,
        legs.column("close"),
        legs.column("handshake"),
    )
    checks = np.zeros(len(legs), np.bool_)
    if not len(chosen):
        return checks
    group = keys.numbers(*(column[chosen] for column in shape))
    order = keys.order(group, legs.column("first_ns")[chosen])
    cuts = np.flatnonzero(np.diff(group[order])) + 1
    for members in np.split(chosen[order], cuts):
        if len(members) >= FEWEST and _even(legs.column("first_ns")[members]):
            checks[members] = not _caused(legs, members, ~backs)
    return checks


def pool_checks(legs: Legs, sent: Bools, asked: Bools) -> Bools:
    """Return which of the flows a host sent look like checks of a pool, in a capture too short for a beat.

    `sent` are flows of one host, `asked` flows to it.  A pool is asked on one port, at several servers or
    repeatedly, in dialogues of one shape, while none of its flows carries more than a health check would.
    """
    found = np.zeros(len(legs), np.bool_)
    size = legs.flow["bytes"].astype(np.int64).sum(axis=1)
    port = legs.flow["port"][:, 1].astype(np.int64)
    for number in keys.distinct(port[sent]).tolist():
        pool = sent & (port == number)
        one_shape = len(keys.distinct(legs.column("handshake")[pool])) == 1
        repeated = pool.sum() > 1 and np.all(size[pool] <= LARGEST_BYTES) and one_shape
        if repeated and asked.any() and len(keys.distinct(size[pool])) == 1:
            found |= pool
    return found


def of_a_pool(legs: Legs, checks: Bools, ports: Ints) -> Bools:
    """Return which of the checks are of a pool, and not a host's own calls that keep a beat.

    A pool listens on a port that somebody is known to call (`ports`), has several servers, or is asked
    without a word: who calls for something of his own says what he wants.
    """
    port = legs.column("port", 1)
    chosen = np.flatnonzero(checks)
    once = chosen[keys.firsts(legs.endpoint[chosen])]
    called, count = np.unique(port[once], return_counts=True)
    wordless = (legs.flow["bytes"] <= 0).all(axis=1) & (legs.column("syn_ack_count") > 0)
    known = np.concatenate([ports, called[count > 1], port[checks & wordless]])
    found: Bools = checks & keys.among(port, keys.distinct(known))
    return found


def _caused(legs: Legs, members: Ints, others: Bools) -> bool:
    """Return whether nearly all of these flows begin right after a handshake of others, and by no accident.

    Clients that come one after the other keep a beat too, and so do the balancer's attempts for them.
    """
    ready = np.sort(legs.column("handshake_ns")[others & (legs.column("handshake_ns") >= 0)])
    if not len(ready):
        return False
    begin = legs.column("first_ns")[members]
    before = np.searchsorted(ready, begin, "right") - 1
    soon = (before >= 0) & (begin - ready[np.maximum(before, 0)] < AT_ONCE_NS)
    span = max(int(ready[-1] - ready[0]), 1)
    by_accident = min(1.0, len(ready) * AT_ONCE_NS / span)
    return bool(soon.mean() > 0.8 and by_accident < 0.2)


def _even(start_ns: Ints) -> bool:
    """Return whether the starts keep a beat; a missed beat or two does not break it."""
    gaps = np.diff(start_ns).astype(np.float64)
    # np.median does the same, but loads masked arrays first, which takes longer than all else here.
    ordered = np.sort(gaps)
    beat = float(ordered[(len(gaps) - 1) // 2] + ordered[len(gaps) // 2]) / 2
    if beat < 50_000_000:
        return False
    beats = np.maximum(np.round(gaps / beat), 1.0)
    spread = np.abs(gaps / beats - beat) / beat
    return bool(np.mean(spread < EVEN) > 0.8 and beats.sum() <= 1.5 * len(gaps))
