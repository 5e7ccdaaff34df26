"""What a service looks like where one side only was captured: at its clients, or at a real server.

Columns of the table `vip`.  Sources: RFC 826 and RFC 4861 (who owns a MAC), RFC 9293 3.6 (who closes).
"""

import numpy as np

from pcapdiag.facts.addresses import Columns, Numbered, of_record
from pcapdiag.facts.populations import Endpoints
from pcapdiag.facts.sessions import Fronts
from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import HANDSHAKES
from pcapdiag.topology.clients import claims
from pcapdiag.topology.model import Topology

GIVES_UP_NS = 1_000_000_000
"""Whoever closes sooner than this has not waited for anybody."""

EVEN = 0.05
"""Largest difference from the median, as a share of it, of waits that one timer ends."""


def one_side_columns(
    traffic: Traffic, numbered: Numbered, topology: Topology, vips: Endpoints, fronts: Fronts
) -> Columns:
    """Return the columns of `vip` about who calls it, how much of the capture, and who gives up."""
    at = vips.find(fronts.vip, fronts.port)
    count = len(vips.address)
    sessions = np.bincount(at[at >= 0], minlength=count)
    all_fronts = max(1, int((fronts.record >= 0).sum()))
    # Where backs were captured, whoever passes calls on is no balancer in front of a server.
    one_side = not topology.servers
    return {
        "share": sessions / all_fronts,
        **(_callers(traffic, numbered, at, fronts, count) if one_side else _nobody(count)),
        **_given_up(traffic, at, fronts, count),
    }


def _nobody(count: int) -> Columns:
    columns: Columns = {
        name: np.array([""] * count, dtype=object) for name in ("caller", "caller_file")
    }
    for name in ("answered", "syn_frame", "syn_ack_frame"):
        columns[f"caller_{name}"] = np.full(count, -1, np.int64)
    for name in ("passed_on", "passed_on_answered"):
        columns[name] = np.full(count, -1, np.int64)
    return columns


def _callers(traffic: Traffic, numbered: Numbered, at: Ints, fronts: Fronts, count: int) -> Columns:
    """Find stations that call a service with their own address and pass on calls of others."""
    flows, found = traffic.flows, _nobody(count)
    of_station = of_record(flows["mac"][:, 0, 0], fronts.record)
    known = np.flatnonzero((at >= 0) & (of_station >= 0))
    stations, station = np.unique(of_station[known], return_inverse=True)
    client, record, vip = fronts.client[known], fronts.record[known], at[known]
    heard = (flows["packets"][record, 1] > 0) & (
        flows["handshake"][record] != HANDSHAKES.index("refused")
    )
    place = fronts.file[known] * (len(numbered.book) + 1) + client
    owned, on_link = _owned(traffic, numbered, stations)
    own = np.isin(place * len(stations) + station, owned)
    # An address that a station claims in the same file is on-link: nobody passes its calls on.
    others = ~np.isin(place, on_link)
    groups, group = np.unique(vip * len(stations) + station, return_inverse=True)
    calls, passed = (np.bincount(group[kind], minlength=len(groups)) for kind in (own, others))
    for number in np.flatnonzero((calls > 0) & (passed > 0)).tolist():
        row = int(groups[number]) // len(stations)
        mine = group == number
        if passed[number] <= found["passed_on"][row]:
            continue
        answered = record[mine & own & heard]
        found["caller"][row] = numbered.book.text(client[mine & own])[0]
        found["caller_answered"][row] = len(answered)
        found["passed_on"][row] = passed[number]
        found["passed_on_answered"][row] = (mine & others & heard).sum()
        if len(answered):
            found["caller_file"][row] = traffic.captures[flows["file"][answered[0]]].name
            for name in ("syn_frame", "syn_ack_frame"):
                found[f"caller_{name}"][row] = flows[name][answered[0]]
    return found


def _owned(traffic: Traffic, numbered: Numbered, stations: Ints) -> tuple[Ints, Ints]:
    """Return what is claimed in ARP or ND: (address of a file and the station, address of a file)."""
    owned, on_link = list[int](), list[int]()
    addresses = len(numbered.book) + 1
    for file in range(len(traffic.captures)):
        for address, macs in claims(traffic.neighbors[traffic.neighbors["file"] == file]).items():
            place = file * addresses + numbered.book.number(address)
            on_link.append(place)
            mine = np.flatnonzero(np.isin(stations, [*macs]))
            owned += (place * len(stations) + mine).tolist()
    return np.array(owned, np.int64), np.array(on_link, np.int64)


def _given_up(traffic: Traffic, at: Ints, fronts: Fronts, count: int) -> Columns:
    """Count fronts that were accepted, left without a byte, and closed by the service after a while."""
    flows = traffic.flows
    record = fronts.record
    far = np.iinfo(np.int64).max
    end = [of_record(flows[name][:, 1], record) for name in ("fin_ns", "reset_ns")]
    closed = np.minimum(*(np.where(ns >= 0, ns, far) for ns in end))
    first_fin = of_record(flows["fin_ns"][:, 0], record)
    opened = of_record(flows["handshake_ns"], record)
    left = (at >= 0) & (opened >= 0) & (closed < far)
    left &= (first_fin < 0) | (first_fin >= closed)
    left &= of_record(flows["bytes"][:, 1], record) <= 0
    wait = np.where(left, closed - opened, -1)
    chosen = np.flatnonzero(left & (wait >= GIVES_UP_NS))
    chosen = chosen[np.argsort(at[chosen], kind="stable")]
    given_up = np.bincount(at[chosen], minlength=count).astype(np.int64)
    even, median = np.zeros(count, np.int64), np.full(count, -1, np.int64)
    cuts = np.flatnonzero(np.diff(at[chosen])) + 1
    for members in np.split(chosen, cuts) if len(chosen) else ():
        vip, middle = int(at[members[0]]), int(np.median(wait[members]))
        median[vip] = middle
        even[vip] = (np.abs(wait[members] - middle) <= EVEN * middle).sum()
    return {"given_up": given_up, "given_up_even": even, "given_up_ns": median}
