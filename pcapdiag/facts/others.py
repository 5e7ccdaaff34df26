"""Connections of others: those that no session holds, columns of `capture`.

Whether another service fails there is not judged, but nothing must be called healthy beside it.
"""

from typing import Final

import numpy as np

from pcapdiag.facts.addresses import Columns, Numbered, of_record
from pcapdiag.facts.backs import Backs
from pcapdiag.facts.captures import one_way_flows
from pcapdiag.facts.columns import Column, count, text
from pcapdiag.facts.endpoints import Endpoints
from pcapdiag.facts.fronts import Fronts
from pcapdiag.facts.roles import Roles
from pcapdiag.flows import keys
from pcapdiag.flows.legs import Ints, legs_of
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import WHOLE
from pcapdiag.sessions.outcome import failed_alone

OTHERS: Final[tuple[Column, ...]] = (
    count("others", "connections that belong to no session"),
    count(
        "others_failed",
        "of these: calls that failed for whoever made them, neither balancer nor server, of end points that "
        "are neither",
    ),
    count("others_frame", "first frame of the first of them"),
    text("others_client", "who calls there"),
    text("others_address", "who is called"),
    count("others_port", "and its port"),
    count("scans", "calls of scanners, who try many end points that nobody is served at"),
    count("scanners", "who makes them"),
    count("scan_frame", "first frame of the first call"),
    text("scan_client", "who makes it"),
)


def others_columns(
    traffic: Traffic,
    numbered: Numbered,
    fronts: Fronts,
    backs: Backs,
    judged: tuple[Endpoints, Endpoints],
    roles: Roles,
    scans: frozenset[int],
) -> Columns:
    """Return the columns of `capture` about connections of no session, one entry a file.

    `judged`: the virtual services and the real servers; `scans`: records that are calls of scanners.
    """
    flows, files = traffic.flows, len(traffic.captures)
    held = np.concatenate([fronts.record[fronts.record >= 0], backs.record])
    connection = _connections(traffic, numbered)
    whole = np.flatnonzero(flows["hop"] == WHOLE)
    others = whole[~keys.among(connection[whole], connection[held])]
    caller, called = numbered.flow[others].T
    port = flows["port"][others, 1].astype(np.int64)
    known = keys.among(caller, np.concatenate([roles.balancers, roles.servers, roles.vips]))
    for endpoints in judged:
        known |= endpoints.find(called, port) >= 0
    scanned = np.array(sorted(scans), np.int64)
    known |= keys.among(caller, numbered.flow[scanned, 0])
    failed = _failed(traffic, others[~known])
    first = np.full(files, -1, np.int64)
    first[flows["file"][failed][::-1]] = failed[::-1]
    return {
        "others": np.bincount(flows["file"][others], minlength=files).astype(np.int64),
        "others_failed": np.bincount(flows["file"][failed], minlength=files).astype(np.int64),
        "others_frame": of_record(flows["first_frame"], first),
        "others_client": numbered.book.text(of_record(numbered.flow[:, 0], first)),
        "others_address": numbered.book.text(of_record(numbered.flow[:, 1], first)),
        "others_port": of_record(flows["port"][:, 1].astype(np.int64), first),
        **_scan_columns(traffic, numbered, scanned),
    }


def _scan_columns(traffic: Traffic, numbered: Numbered, scanned: Ints) -> Columns:
    """Return the columns about scans; `scanned` are their records, ascending."""
    flows, files = traffic.flows, len(traffic.captures)
    file = flows["file"][scanned].astype(np.int64)
    once = keys.firsts(file, numbered.flow[scanned, 0])
    first = np.full(files, -1, np.int64)
    first[file[::-1]] = scanned[::-1]
    return {
        "scans": np.bincount(file, minlength=files).astype(np.int64),
        "scanners": np.bincount(file[once], minlength=files).astype(np.int64),
        "scan_frame": of_record(flows["first_frame"], first),
        "scan_client": numbered.book.text(of_record(numbered.flow[:, 0], first)),
    }


def _connections(traffic: Traffic, numbered: Numbered) -> Ints:
    """Return a number for each record, equal for one connection's; in several files by its end points."""
    if len(traffic.captures) == 1:
        return traffic.flows["whole"].astype(np.int64)
    ports = traffic.flows["port"].astype(np.int64)
    return keys.numbers(*numbered.flow.T, *ports.T)


def _failed(traffic: Traffic, whole: Ints) -> Ints:
    """Return those of these whole records that failed, by the measure of sessions without a back."""
    flows = traffic.flows
    # One direction of a connection that works is no failure.
    goes_on = (flows["bytes"][whole, 0] > 0) | (flows["highest_ack"][whole, 0] > 0)
    whole = whole[~one_way_flows(flows["packets"][whole] > 0, goes_on)]
    found = []
    for file in keys.distinct(flows["file"][whole].astype(np.int64)).tolist():
        legs = legs_of(flows, file)
        bad = failed_alone(legs, traffic.captures[file].account.last_ns)
        found.append(flows["whole"][legs.record[bad]].astype(np.int64))
    return whole[keys.among(whole, np.concatenate(found))] if found else whole
