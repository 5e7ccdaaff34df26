"""What a service looks like where one side only was captured: at its clients, or at a real server.

Columns of the table `vip`.  Sources: RFC 826 and RFC 4861 (who owns a MAC), RFC 9293 3.6 (who closes).
"""

import numpy as np

from pcapdiag.facts.addresses import Columns, Numbered, of_record
from pcapdiag.facts.backs import Backs
from pcapdiag.facts.endpoints import Endpoints
from pcapdiag.facts.fronts import Fronts
from pcapdiag.facts.place import at_server
from pcapdiag.flows import keys
from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import HANDSHAKES
from pcapdiag.settings import Settings
from pcapdiag.topology.callers import callers, owned, reaching

GIVES_UP_NS = 1_000_000_000
"""Whoever closes sooner than this has not waited for anybody."""

EVEN = 0.05
"""Largest difference from the median, as a share of it, of waits that one timer ends."""


FEWEST_CALLS = 3
"""Calls needed to see a beat, as for health checks."""

SHORTEST_BEAT_NS = 50_000_000
"""Calls in a row are nearer to each other."""


def one_side_columns(
    traffic: Traffic,
    numbered: Numbered,
    vips: Endpoints,
    fronts: Fronts,
    backs: Backs,
    settings: Settings,
) -> Columns:
    """Return the columns of `vip` about who calls it, how much of the capture, and who gives up."""
    at = vips.find(fronts.vip, fronts.port)
    count = len(vips.address)
    sessions = np.bincount(at[at >= 0], minlength=count)
    all_fronts = max(1, int((fronts.record >= 0).sum()))
    # Where backs were captured, whoever passes calls on is no balancer in front of a server.
    one_side = not len(backs.record)
    return {
        "share": sessions / all_fronts,
        **(
            _callers(traffic, numbered, at, fronts, count, settings) if one_side else _nobody(count)
        ),
        **_given_up(traffic, at, fronts, count),
        "checker": numbered.book.text(_checkers(traffic, at, fronts, count)),
    }


def _checkers(traffic: Traffic, at: Ints, fronts: Fronts, count: int) -> Ints:
    """Return for each service its only client, where that calls by the clock; -1: none."""
    found = np.full(count, -1, np.int64)
    known = np.flatnonzero((at >= 0) & (fronts.record >= 0))
    begin = traffic.flows["first_ns"][fronts.record[known]]
    known = known[np.lexsort((begin, at[known]))]
    if len(known) < FEWEST_CALLS:
        return found
    begin = traffic.flows["first_ns"][fronts.record[known]]
    starts = np.flatnonzero(np.diff(at[known], prepend=-1) != 0)
    size = np.diff(starts, append=len(known))
    # A service's first call has no interval before it: its second one's stands in.
    gap = np.diff(begin, prepend=begin[0])
    gap[starts] = gap[np.minimum(starts + 1, len(gap) - 1)]
    low, high = np.minimum.reduceat(gap, starts), np.maximum.reduceat(gap, starts)
    client = fronts.client[known]
    one = np.minimum.reduceat(client, starts) == np.maximum.reduceat(client, starts)
    even = (low >= SHORTEST_BEAT_NS) & (high - low <= 2 * EVEN * low)
    chosen = one & even & (size >= FEWEST_CALLS)
    found[at[known[starts[chosen]]]] = client[starts[chosen]]
    return found


def _nobody(count: int) -> Columns:
    columns: Columns = {
        name: np.array([""] * count, dtype=object) for name in ("caller", "caller_file")
    }
    for name in ("answered", "syn_frame", "syn_ack_frame"):
        columns[f"caller_{name}"] = np.full(count, -1, np.int64)
    for name in ("passed_on", "passed_on_answered", "at_server"):
        columns[name] = np.full(count, -1, np.int64)
    return columns


def _callers(
    traffic: Traffic, numbered: Numbered, at: Ints, fronts: Fronts, count: int, settings: Settings
) -> Columns:
    """Describe stations that call a service with their own address and pass on calls of others."""
    flows, points, found = traffic.flows, dict(settings.points), _nobody(count)
    known = np.flatnonzero((at >= 0) & (fronts.record >= 0))
    addresses = len(numbered.book) + 1
    claimed = _claimed(traffic, numbered, addresses)
    # Who is on-link in one file need not be in another: addresses count per file.
    called = fronts.file[known] * addresses + fronts.vip[known]
    to_mac = flows["mac"][fronts.record[known], 0, 1].astype(np.int64)
    known = known[reaching(to_mac, called, claimed)]
    # Nor is anybody a neighbour whose packets a router passes on here.
    known = known[flows["next_hop"][fronts.record[known]] < 0]
    record = fronts.record[known]
    client = fronts.file[known] * addresses + fronts.client[known]
    mac = flows["mac"][record, 0, 0].astype(np.int64)
    heard = (flows["packets"][record, 1] > 0) & (
        flows["handshake"][record] != HANDSHAKES.index("refused")
    )
    for caller in callers(at[known], mac, client, owned(mac, client, flows, record, claimed)):
        row = caller.service
        answered = record[caller.own[heard[caller.own]]]
        found["caller"][row] = numbered.book.text(client[caller.own] % addresses)[0]
        found["caller_answered"][row] = len(answered)
        found["passed_on"][row] = len(caller.passed_on)
        found["passed_on_answered"][row] = heard[caller.passed_on].sum()
        found["at_server"][row] = at_server(traffic, points, int(record[caller.passed_on[0]]))
        if len(answered):
            found["caller_file"][row] = traffic.captures[flows["file"][answered[0]]].name
            for name in ("syn_frame", "syn_ack_frame"):
                found[f"caller_{name}"][row] = flows[name][answered[0]]
    return found


def _claimed(traffic: Traffic, numbered: Numbered, addresses: int) -> dict[int, set[int]]:
    """Return what each MAC claims in ARP or ND, as ``file * addresses + address``."""
    events = traffic.neighbors
    chosen = (events["sender_mac"] >= 0) & (numbered.sender >= 0)
    place = events["file"].astype(np.int64) * addresses + numbered.sender
    macs, places = events["sender_mac"][chosen], place[chosen]
    found: dict[int, set[int]] = {}
    # Each distinct claim once: a capture repeats the same few for hours.
    once = keys.firsts(macs, places)
    for mac, at in zip(macs[once].tolist(), places[once].tolist(), strict=True):
        found.setdefault(mac, set()).add(at)
    return found


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
    left &= ~flows.served[record]
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
