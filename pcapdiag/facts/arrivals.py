"""SYNs without an answer that another capture shows arriving at the server: the proof that it drops them.

A connection that several captures show has the same end points and sequence number in each.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.facts.addresses import Columns, Numbered, file_texts, of_record
from pcapdiag.facts.backs import PENDING, UNANSWERED, Backs
from pcapdiag.facts.roles import Roles
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import WHOLE
from pcapdiag.settings import Settings

SENT = 4
"""Link direction of what the capturing host sent (LINKTYPE_LINUX_SLL)."""


def arrival_columns(
    traffic: Traffic, numbered: Numbered, backs: Backs, roles: Roles, settings: Settings
) -> Columns:
    """Return the columns of `back` about unanswered SYNs seen in a capture of the server's own."""
    shown = np.full(len(backs.record), -1, np.int64)
    silent = np.flatnonzero(np.isin(backs.result, [UNANSWERED, PENDING]))
    if len(traffic.captures) > 1 and len(silent):
        flows = traffic.flows
        arrived = _at_a_server(traffic, numbered, roles, settings) & _unanswered(flows)
        places = {_key(numbered, flows, at): at for at in np.flatnonzero(arrived)[::-1].tolist()}
        for position in silent.tolist():  # only failed connections, in analyses of several files
            record = int(backs.record[position])
            other = places.get(_key(numbered, flows, record), -1)
            if other >= 0 and flows["file"][other] != flows["file"][record]:
                shown[position] = other
    return {
        "arrived_file": file_texts(traffic, of_record(traffic.flows["file"], shown)),
        "arrived_frame": of_record(traffic.flows["syn_frame"], shown),
    }


def _key(numbered: Numbered, flows: NDArray[Any], record: int) -> tuple[int, ...]:
    row = flows[record]
    return (*numbered.flow[record].tolist(), *row["port"].tolist(), int(row["isn"][0]))


def _unanswered(flows: NDArray[Any]) -> Bools:
    found: Bools = (
        (flows["hop"] == WHOLE)
        & (flows["syn_count"] > 0)
        & (flows["packets"][:, 1] <= 0)
        & (flows["link_direction"][:, 0] != SENT)
    )
    return found


def _at_a_server(traffic: Traffic, numbered: Numbered, roles: Roles, settings: Settings) -> Bools:
    """Return which records are in a capture taken at the server they call.

    The user says so, or every connection of the file has that server as an end and none calls a VIP.
    """
    flows = traffic.flows
    points = dict(settings.points)
    found = np.zeros(len(flows), np.bool_)
    for number, capture in enumerate(traffic.captures):
        mine = np.flatnonzero(flows["file"] == number)
        point = points.get(capture.name, "")
        if not len(mine) or point not in ("", "server"):
            continue
        called: Ints = numbered.flow[mine, 1]
        if point == "server":
            found[mine] = True
        elif not np.isin(called, roles.vips).any():
            for server in np.intersect1d(called, roles.servers).tolist():
                if (numbered.flow[mine] == server).any(axis=1).all():
                    found[mine] = called == server
    return found
