"""SYNs without an answer that another capture shows arriving at the server: the proof that it drops them.

A connection that several captures show has the same end points and sequence number in each.
"""

import numpy as np

from pcapdiag.facts.addresses import Columns, Numbered, file_texts, of_record
from pcapdiag.facts.backs import PENDING, UNANSWERED, Backs
from pcapdiag.facts.place import YES, at_server
from pcapdiag.flows import keys
from pcapdiag.flows.legs import Bools
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import WHOLE, FlowTable
from pcapdiag.layers.packet import SENT
from pcapdiag.settings import Settings


def arrival_columns(
    traffic: Traffic, numbered: Numbered, backs: Backs, settings: Settings
) -> Columns:
    """Return the columns of `back` about unanswered SYNs seen in a capture of the server's own."""
    shown = np.full(len(backs.record), -1, np.int64)
    silent = np.flatnonzero(keys.among(backs.result, [UNANSWERED, PENDING]))
    if len(traffic.captures) > 1 and len(silent):
        flows, points = traffic.flows, dict(settings.points)
        own = set(backs.record.tolist())
        arrived = np.flatnonzero(_unanswered(flows))[::-1].tolist()
        places = {_key(numbered, flows, at): at for at in arrived if at not in own}
        for position in silent.tolist():  # only failed connections, in analyses of several files
            record = int(backs.record[position])
            other = places.get(_key(numbered, flows, record), -1)
            if other >= 0 and at_server(traffic, points, other) == YES:
                shown[position] = other
    return {
        "arrived_file": file_texts(traffic, of_record(traffic.flows["file"], shown)),
        "arrived_frame": of_record(traffic.flows["syn_frame"], shown),
    }


def _key(numbered: Numbered, flows: FlowTable, record: int) -> tuple[int, ...]:
    row = flows.records[record]
    return (*numbered.flow[record].tolist(), *row["port"].tolist(), int(row["isn"][0]))


def _unanswered(flows: FlowTable) -> Bools:
    found: Bools = (
        (flows["hop"] == WHOLE)
        & (flows["syn_count"] > 0)
        & (flows["packets"][:, 1] <= 0)
        & (flows["link_direction"][:, 0] != SENT)
    )
    return found
