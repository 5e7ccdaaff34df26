"""The sessions as columns: what each front and its verdict are known by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pcapdiag.facts.addresses import Numbered, of_record, words_of
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.sessions.model import MODES, OUTCOMES, Session, columns_of


@dataclass(frozen=True)
class Fronts:
    """One entry a session."""

    id: Ints
    record: Ints
    """-1: not captured."""
    mode: NDArray[np.object_]
    outcome: NDArray[np.object_]
    health_check: Bools
    client: Ints
    """Address number; -1: front not captured."""
    vip: Ints
    port: Ints
    file: Ints


def fronts_of(sessions: Sequence[Session], traffic: Traffic, numbered: Numbered) -> Fronts:
    """Return the sessions as columns."""
    found = columns_of(sessions)
    own = found.front.copy()
    # Without a front, its first back tells where a session was seen.
    rest = np.flatnonzero((own < 0) & (found.back_count > 0))
    own[rest] = found.back[found.first_back[rest]]
    record = found.front
    return Fronts(
        id=found.id,
        record=record,
        mode=words_of(found.mode, MODES),
        outcome=words_of(found.outcome, OUTCOMES),
        health_check=found.health_check,
        client=of_record(numbered.flow[:, 0], record),
        vip=of_record(numbered.flow[:, 1], record),
        port=of_record(traffic.flows["port"][:, 1], record),
        file=of_record(traffic.flows["file"], own),
    )
