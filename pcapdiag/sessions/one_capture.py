"""Files that are one capture: cut in two by time, or taken at two interfaces of one balancer.

Connections that go on from file to file tell the one, sessions whose front lies in one file and whose back
in the other tell the other.  Files of two hosts are left apart: what arrives at one of them need not arrive
at the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Final

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints, Legs, legs_by_time
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import WHOLE, FlowTable
from pcapdiag.read import MOST_STRANDS, Capture, in_turn, woven
from pcapdiag.sessions import candidates, certain
from pcapdiag.settings import Settings
from pcapdiag.topology.clients import INITIAL_TTLS

TOLERANCE_NS: Final = 1_000_000
"""Several queues write packets a little out of order."""

NEARLY_ALL: Final = 0.9
"""Share of the connections that must agree: single ones may be damaged."""

FEWEST_SESSIONS: Final = 2
"""Between two interfaces: one may be chance."""

SOON_NS: Final = 50_000_000
"""The quickest tenth of the backs follow their fronts within this, if one clock tells both times."""

MOST_SHARED: Final = 0.1
"""Share of connections in both files, from which on they are two looks at the same ones."""

LONGEST_JUMP: Final = 1 << 24
"""Octets that an acknowledgement may go on by beyond what the later file shows."""


@dataclass(frozen=True)
class Join:
    """Files that are one capture."""

    files: tuple[int, ...]
    """In the order in which they are read."""
    side_by_side: bool
    """They overlap; else they follow each other."""


def joins(traffic: Traffic, settings: Settings) -> list[Join]:
    """Return which files are one capture, each file in one join at most; none: they are apart."""
    if not 2 <= len(traffic.captures) <= MOST_STRANDS:
        return []
    begin = [capture.account.first_ns for capture in traffic.captures]
    parts = [
        sorted(files, key=begin.__getitem__) for files in _groups(_continued(traffic, settings))
    ]
    if parts:
        return [Join(tuple(files), side_by_side=False) for files in parts]
    # A join is known by the name of its first file, as a place that the user named is.
    named = {name for name, _ in settings.points}
    arms = [
        sorted(files, key=lambda n: (traffic.captures[n].name not in named, n))
        for files in _groups(_arms(traffic, settings))
    ]
    return [Join(tuple(files), side_by_side=True) for files in arms]


def joined(captures: Sequence[Capture], found: Iterable[Join]) -> list[Capture]:
    """Return the captures, to be read anew, with those of each join put together as its first."""
    together = {
        join.files[0]: (woven if join.side_by_side else in_turn)([captures[n] for n in join.files])
        for join in found
    }
    others = {n for join in found for n in join.files} - set(together)
    return [
        together[n] if n in together else capture.again()
        for n, capture in enumerate(captures)
        if n not in others
    ]


def _groups(pairs: Iterable[tuple[int, int]]) -> list[set[int]]:
    """Return the files that pairs connect, in groups."""
    group: dict[int, set[int]] = {}
    for one, other in pairs:
        both = group.get(one, {one}) | group.get(other, {other})
        group.update(dict.fromkeys(both, both))
    return list({min(files): files for files in group.values()}.values())


def _continued(traffic: Traffic, settings: Settings) -> list[tuple[int, int]]:
    """Return (file, the one that follows it) where connections go on from one to the other."""
    accounts = [capture.account for capture in traffic.captures]
    points = dict(settings.points)
    point = [points.get(capture.name) for capture in traffic.captures]
    wires = _wires(traffic)
    follows = [
        (one, other)
        for one, other in permutations(range(len(accounts)), 2)
        if 0 <= accounts[one].last_ns <= accounts[other].first_ns + TOLERANCE_NS
        and (wires[one], point[one]) == (wires[other], point[other])
    ]
    if not follows:
        return []
    connections = _Connections(traffic.flows)
    return [pair for pair in follows if connections.go_on(*pair)]


class _Connections:
    """The connections of all files, to be found again in another one."""

    def __init__(self, flows: FlowTable) -> None:
        record = np.flatnonzero(flows["hop"] == WHOLE)
        address, port = flows["address"][record].astype(np.int64), flows["port"][record]
        ends = [np.column_stack([address[:, n], port[:, n]]) for n in (0, 1)]
        number = keys.numbers(*np.concatenate(ends).T).reshape(2, -1)
        self._number = np.minimum(*number) << 32 | np.maximum(*number)
        # Of a connection without its SYN either end may stand first.
        self._turned = (number[0] > number[1]).astype(np.int64)
        self._file = flows["file"][record]
        self._isn = flows["isn"][record, 0]
        self._begun = (flows["syn_count"][record] > 0) | (flows["syn_ack_count"][record] > 0)
        self._ack = flows["highest_ack"][record]
        self._sent = flows["bytes"][record]
        self._mac = flows["mac"][record, :, 0]

    def go_on(self, one: int, other: int) -> bool:
        """Tell whether connections of a file go on in the one that follows it."""
        # The last of one file, and the first of the other.
        early = np.flatnonzero(self._file == one)[::-1]
        late = np.flatnonzero(self._file == other)
        _, a, b = np.intersect1d(self._number[early], self._number[late], return_indices=True)
        before, after = early[a], late[b]
        # A SYN with another number is another connection.
        same_syn = self._isn[before] == self._isn[after]
        may = same_syn | ~self._begun[after]
        before, after = before[may], after[may]
        known, fits = same_syn[may] & self._begun[after], np.ones(len(after), np.bool_)
        for side in (0, 1):
            then, now = side ^ self._turned[before], side ^ self._turned[after]
            first, last = self._ack[before, then], self._ack[after, now]
            told = (first >= 0) & (last >= 0)
            jump = (last - first) & 0xFFFFFFFF
            known |= told
            fits &= ~told | (jump <= self._sent[after, 1 - now] + LONGEST_JUMP)
            sender, later = self._mac[before, then], self._mac[after, now]
            fits &= (sender == later) | (sender < 0) | (later < 0)
        return bool(known.any()) and float(fits[known].mean()) >= NEARLY_ALL


def _arms(traffic: Traffic, settings: Settings) -> list[tuple[int, int]]:
    """Return pairs of files that show the two sides of the balancer that took them."""
    points = dict(settings.points)
    files = [
        n
        for n, capture in enumerate(traffic.captures)
        if points.get(capture.name, "balancer") == "balancer"
    ]
    if len(files) < 2:
        return []
    legs = legs_by_time(traffic.flows)
    isn = candidates.codes(legs.column("isn", 0))
    nobody = np.empty(0, np.int64), np.empty(0, np.int64)
    front, back = certain.pairs(legs, isn, candidates.content_keys(legs), nobody)
    file, wires = legs.column("file"), _wires(traffic)
    return [
        (one, other)
        for one, other in combinations(files, 2)
        if wires[one] == wires[other]
        and any(_are_arms(legs, front, back, file, sides) for sides in ((one, other), (other, one)))
    ]


def _are_arms(legs: Legs, front: Ints, back: Ints, file: Ints, sides: tuple[int, int]) -> bool:
    """Tell whether fronts in one file have their backs in the other, taken by one host.

    `front` and `back` are certain pairs, whichever files they lie in.
    """
    across = (file[front] == sides[0]) & (file[back] == sides[1])
    inside = (file[front] == file[back]) & keys.among(file[front], sides)
    if int(across.sum()) < max(FEWEST_SESSIONS, int(inside.sum()) + 1):
        return False
    front, back = front[across], back[across]
    return (
        not _shared(legs, file, sides)
        and _by_one_clock(legs, front, back)
        and _by_one_host(legs, front, back)
    )


def _shared(legs: Legs, file: Ints, sides: tuple[int, int]) -> bool:
    """Tell whether many connections lie in both files."""
    flow = legs.flow
    address = flow["address"].astype(np.int64).reshape(len(legs), -1)
    port = flow["port"].astype(np.int64)
    code = keys.numbers(*address.T, *port.T, legs.column("isn", 0))
    one, other = (keys.distinct(code[file == side]) for side in sides)
    shared = int(np.count_nonzero(keys.among(one, other)))
    return shared > MOST_SHARED * min(len(one), len(other))


def _by_one_clock(legs: Legs, front: Ints, back: Ints) -> bool:
    """Tell whether backs begin after their fronts, soon after at best, and answer before them."""
    wait = legs.column("first_ns")[back] - legs.column("first_ns")[front]
    if np.mean(wait >= -TOLERANCE_NS) < NEARLY_ALL or float(np.quantile(wait, 0.1)) > SOON_NS:
        return False
    both = (legs.column("last_data_ns", 1)[front] >= 0) & (
        legs.column("last_data_ns", 1)[back] >= 0
    )
    before = np.zeros(len(front), np.bool_)
    # A back that is used again speaks longer than its front, a front in TLS sooner than its back.
    for name in ("first_data_ns", "last_data_ns"):
        passed, said = legs.column(name, 1)[front], legs.column(name, 1)[back]
        before |= said <= passed + TOLERANCE_NS
    return not both.any() or float(before[both].mean()) >= NEARLY_ALL


def _by_one_host(legs: Legs, front: Ints, back: Ints) -> bool:
    """Tell whether one host took both: all that goes in and out does so at one station of each link.

    A client's own capture, and a server's whose answers go elsewhere, show more or less than that.
    """
    into, out = legs.destination_mac[front], legs.source_mac[back]
    if len(keys.distinct(into)) > 1 or len(keys.distinct(out)) > 1:
        return False
    answered = legs.column("packets", 1)[back] > 0
    returned = legs.flow["mac"][back, 1, 1]
    if (answered & (returned != out) & (returned >= 0) & (out >= 0)).any():
        return False
    half_open = answered & (legs.column("handshake_ns")[back] < 0)
    half_open &= legs.column("syn_ack_count")[back] > 0
    if float(half_open.mean()) > 1 - NEARLY_ALL:
        return False
    return _received(legs, front)


def _received(legs: Legs, front: Ints) -> bool:
    """Tell whether calls came from elsewhere: from several stations, or by a router, or as the link says.

    Those of one station that takes no hop off them may have been taken at that station.
    """
    stations = keys.distinct(legs.source_mac[front])
    routed = ~keys.among(legs.column("ttl", 0)[front], INITIAL_TTLS)
    by_link: Bools = legs.sent_by_host[front] == 0
    return len(stations) > 1 or bool(routed.any() or by_link.all())


def _wires(traffic: Traffic) -> list[set[int]]:
    """Return the link types of each file."""
    return [{each.link_type for each in capture.interfaces} for capture in traffic.captures]
