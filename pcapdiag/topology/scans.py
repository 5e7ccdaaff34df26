"""Scans: callers who try many end points that nobody is served at, to see what answers.

They are no users, and what they are refused is no fault.  Source for what tells them: most of a scanner's
first contacts fail, those of others succeed (Jung, Paxson, Berger, Balakrishnan, "Fast Portscan Detection
Using Sequential Hypothesis Testing", IEEE S&P 2004).
"""

from typing import Final

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Legs
from pcapdiag.flows.table import HANDSHAKES

FEWEST: Final = 8
"""End points that take nobody, from which on a caller scans: a user's programs call some that are down."""

MOSTLY: Final = 0.75
"""Share of the end points a scanner calls that take nobody, and that nobody else calls."""

MOST_CALLS: Final = 2
"""For each of them: who calls again and again wants to be served there."""


def scans(legs: Legs, fronts: Bools) -> Bools:
    """Return which fronts are calls of scanners; none when nobody else is served.

    Where all services are down, whoever calls them looks like a scanner.
    """
    found = np.zeros(len(legs), np.bool_)
    call = np.flatnonzero(fronts)
    if len(call) < FEWEST:
        return found
    caller, called = keys.numbers(legs.source[call]), keys.numbers(legs.endpoint[call])
    callers, ends = int(caller.max()) + 1, int(called.max()) + 1
    taken = legs.column("handshake")[call] == HANDSHAKES.index("complete")
    takes = np.bincount(called[taken], minlength=ends) > 0
    first = keys.firsts(caller, called)
    alone = np.bincount(called[first], minlength=ends) == 1
    tried = np.bincount(caller[first], minlength=callers)
    vain = first[~takes[called[first]]]
    in_vain = np.bincount(caller[vain], minlength=callers)
    only_he = np.bincount(caller[vain], alone[called[vain]], callers)
    calls = np.bincount(caller[~takes[called]], minlength=callers)
    scanner = (in_vain >= FEWEST) & (in_vain >= MOSTLY * tried) & (only_he >= MOSTLY * in_vain)
    scanner &= calls <= MOST_CALLS * in_vain
    others_served = legs.flow.served[call] & ~scanner[caller]
    if others_served.any():
        found[call] = scanner[caller]
    return found
