"""Connections that no session holds, since they do not touch the balancer: columns of `capture`.

Whether another service fails there is not judged, but it must not be called healthy either.
"""

import numpy as np

from pcapdiag.facts.addresses import Columns, Numbered, of_record
from pcapdiag.facts.backs import Backs
from pcapdiag.facts.columns import Column, count, text
from pcapdiag.facts.fronts import Fronts
from pcapdiag.facts.roles import Roles
from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import HANDSHAKES, WHOLE

AT_ONCE_NS = 1_000_000_000
"""Whoever accepts a call, and ends it sooner than this though nothing was asked, may mean to."""

APART: tuple[Column, ...] = (
    count("apart", "connections that belong to no session"),
    count(
        "apart_failed",
        "of these: calls by others than balancer and servers that were refused, got no answer to two "
        "SYNs, or were accepted and ended without a byte",
    ),
    count("apart_frame", "first frame of the first of them"),
    text("apart_client", "who calls there"),
    text("apart_address", "who is called"),
    count("apart_port", "and its port"),
)


def apart_columns(
    traffic: Traffic, numbered: Numbered, fronts: Fronts, backs: Backs, roles: Roles
) -> Columns:
    """Return the columns of `capture` about connections of no session, one entry a file."""
    flows, files = traffic.flows, len(traffic.captures)
    held = np.concatenate([fronts.record[fronts.record >= 0], backs.record])
    whole = np.flatnonzero(flows["hop"] == WHOLE)
    apart = whole[~keys.among(whole, flows["whole"][held])]
    own = np.concatenate([roles.balancers, roles.servers, roles.vips])
    others = ~keys.among(numbered.flow[apart, 0], own)
    failed = apart[others & _failed(traffic, apart)]
    first = np.full(files, -1, np.int64)
    first[flows["file"][failed][::-1]] = failed[::-1]
    return {
        "apart": np.bincount(flows["file"][apart], minlength=files).astype(np.int64),
        "apart_failed": np.bincount(flows["file"][failed], minlength=files).astype(np.int64),
        "apart_frame": of_record(flows["first_frame"], first),
        "apart_client": numbered.book.text(of_record(numbered.flow[:, 0], first)),
        "apart_address": numbered.book.text(of_record(numbered.flow[:, 1], first)),
        "apart_port": of_record(flows["port"][:, 1].astype(np.int64), first),
    }


def _failed(traffic: Traffic, record: Ints) -> Bools:
    """Return which connections failed for whoever called."""
    flows = traffic.flows
    handshake, spoke = flows["handshake"][record], flows.spoke[record]
    refused = handshake == HANDSHAKES.index("refused")
    silent = (handshake == HANDSHAKES.index("unanswered")) & (flows["syn_count"][record] > 1)
    silent &= (flows["packets"][record, 1] <= 0) & ~spoke[:, 0]
    # One direction of a connection that works: the initiator goes on without a visible answer.
    silent &= flows["highest_ack"][record, 0] < 0
    far = np.iinfo(np.int64).max
    ends = np.stack([flows["fin_ns"][record], flows["reset_ns"][record]])
    ended = np.where(ends < 0, far, ends).min(axis=0)
    opened = flows["handshake_ns"][record]
    let_go = (handshake == HANDSHAKES.index("complete")) & ~spoke[:, 1] & (ended[:, 1] < far)
    let_go &= (ended[:, 1] <= ended[:, 0]) & (spoke[:, 0] | (ended[:, 1] - opened >= AT_ONCE_NS))
    failed: Bools = refused | silent | let_go
    return failed
