"""What a verdict must know of all sessions, counted without a line for each."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.flows.table import FlowTable
from pcapdiag.report.model import Tally
from pcapdiag.report.session_lines import SessionLines
from pcapdiag.sessions.model import MODES, ONE_WAY, OUTCOMES


def tally(lines: SessionLines) -> Tally:
    """Count sessions from the columns behind their lines."""
    sessions, flows = lines.sessions, lines.flows
    good = sessions.outcome == OUTCOMES.index("ok")
    bad = keys.among(sessions.outcome, [OUTCOMES.index("failed"), OUTCOMES.index("degraded")])
    fronts = sessions.front[sessions.front >= 0]
    # Where answers pass the balancer the VIP stays the destination: only the MAC, where the link shows
    # it, says which server it is.
    by_mac = keys.among(sessions.mode, [MODES.index(mode) for mode in ONE_WAY])[sessions.owner]
    macs = flows["mac"][sessions.back[by_mac], 0, 1]
    ports = flows["port"][sessions.back[by_mac], 1]
    by_address = _distinct(*_responders(flows, sessions.back[~by_mac]))
    untold = bool((macs < 0).any())
    return Tally(
        outcomes=_counter(sessions.outcome, OUTCOMES),
        modes=_counter(sessions.mode[sessions.back_count > 0], MODES),
        working=frozenset(_counter(sessions.mode[good], MODES)),
        wrong=lines[int(np.argmax(bad))] if bad.any() else None,
        services=_distinct(*_responders(flows, fronts)),
        servers=None if untold else by_address + _distinct(macs, ports),
        alone=int((good & (sessions.front >= 0) & (sessions.back_count == 0)).sum()),
    )


def _counter(values: Ints, names: Sequence[str]) -> Counter[str]:
    counts = np.bincount(values, minlength=len(names)).tolist()
    return Counter({name: count for name, count in zip(names, counts, strict=True) if count})


def _responders(flows: FlowTable, records: Ints) -> tuple[NDArray[Any], ...]:
    """Return the responder's address and port of records, as columns of numbers."""
    words = flows["address"][records, 1]
    return flows["ip_version"][records], *words.T, flows["port"][records, 1]


def _distinct(*columns: NDArray[Any]) -> int:
    """Count the different rows."""
    order = np.lexsort(columns)
    fresh: Bools = np.zeros(len(order), np.bool_)
    fresh[:1] = True
    for column in columns:
        ordered = column[order]
        fresh[1:] |= ordered[1:] != ordered[:-1]
    return int(np.count_nonzero(fresh))
