"""The table `nstrace`: what a NetScaler told of the frames of events in its own trace.

Source: :mod:`pcapdiag.payload.nstrace`.
"""

from typing import Final

import numpy as np

from pcapdiag.facts.addresses import Columns, as_numbers, as_texts, file_texts
from pcapdiag.facts.columns import count, text, true
from pcapdiag.flows.result import Traffic
from pcapdiag.payload.nstrace import Place, is_trace, places

MOST: Final = 200_000
"""Events of a capture whose frames are read again."""

NUMBERS: Final = (
    "nic", "vlan", "core", "source_node", "destination_node", "cluster_flags", "error",
)  # fmt: skip
LINKS: Final = ("pcb", "linked_pcb")
TEXTS: Final = ("operation", "source_machine", "destination_machine")


NSTRACE: Final = (
    text("file", "capture"),
    count("frame", "frame number"),
    count("record", "flow or hop, as in `event`"),
    true("received", "the NetScaler received the frame; false: it sent it"),
    text("operation", "tx, txb (in the transmit buffer), rx, new-rx (behind the NIC's pipeline)"),
    count("nic", "number of the network device"),
    count("pcb", "the NetScaler's number of the connection (PcbDevNo)"),
    count(
        "linked_pcb",
        "its number of the other leg (Linked PcbDevNo); NULL: there is none yet, or it is not told",
    ),
    count("vlan", "VLAN that the NetScaler puts the frame in, tagged or not"),
    count("core", "packet engine that handled it"),
    count("source_node", "cluster node that the frame came from"),
    count("destination_node", "cluster node that it goes to"),
    count("cluster_flags", "as the NetScaler gives them, a bit a flag"),
    text("source_machine", "virtual machine that sent it; text from the wire"),
    text("destination_machine", "virtual machine that gets it; text from the wire"),
    count("error", "why the NetScaler dropped the frame; 0: it did not"),
)


def nstrace_columns(traffic: Traffic) -> Columns:
    """Return the columns of `nstrace`, one row an event of a NetScaler trace."""
    rows, found = list[int](), list[Place]()
    for file, capture in enumerate(traffic.captures):
        if not any(is_trace(each.link_type) for each in capture.interfaces):
            continue
        of_file = (traffic.events["file"] == file) & (traffic.events["record"] >= 0)
        mine = np.flatnonzero(of_file)[:MOST]
        told = places(capture, traffic.events["position"][mine])
        for row, place in zip(mine.tolist(), told, strict=True):
            if place is not None:
                rows.append(row)
                found.append(place)
    events = traffic.events[rows]
    columns: Columns = {
        "file": file_texts(traffic, events["file"]),
        "frame": events["frame"],
        "record": events["record"],
        "received": as_numbers([int(place.is_received) for place in found]),
    }
    for name in NUMBERS:
        columns[name] = as_numbers([getattr(place, name) for place in found])
    for name in LINKS:
        columns[name] = as_numbers([getattr(place, name) or -1 for place in found])
    for name in TEXTS:
        columns[name] = as_texts([getattr(place, name) for place in found])
    return columns
