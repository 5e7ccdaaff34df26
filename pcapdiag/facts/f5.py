"""The table `f5`: what an F5 BIG-IP wrote behind the frames of events.

Source: :mod:`pcapdiag.payload.f5_trailer`.
"""

from typing import Final

import numpy as np

from pcapdiag.facts.addresses import Columns, as_numbers, as_texts, file_texts
from pcapdiag.facts.columns import count, text, true
from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.payload.f5_trailer import Trailer, trailers

FIRST: Final = 8
"""Events of a capture of which none has a trailer where none was written."""
MOST: Final = 50_000
"""Events of a capture whose packets are read again."""


F5: Final = (
    text("file", "capture"),
    count("frame", "frame number"),
    count("record", "flow or hop, as in `event`"),
    true("ingress", "the packet came in; false: it went out"),
    count("slot", "blade that handled it, from 0"),
    count("tmm", "traffic management microkernel that handled it"),
    text("virtual_server", "full path of the virtual server's name; text from the wire"),
    text("flow_id", "the balancer's id of the flow, hexadecimal"),
    text("peer_flow_id", "its id of the other leg"),
    text("reset_cause", "why the balancer sent this RST; text from the wire"),
    text("peer_remote", "far end of the other leg"),
    count("peer_remote_port", "its port"),
    text("peer_local", "the balancer's end of the other leg"),
    count("peer_local_port", "its port"),
    count("peer_vlan", "VLAN of the other leg"),
)


def f5_columns(traffic: Traffic) -> Columns:
    """Return the columns of `f5`, one row an event whose frame carries a trailer."""
    rows, found = list[int](), list[Trailer]()
    for file in range(len(traffic.captures)):
        mine = np.flatnonzero((traffic.events["file"] == file) & (traffic.events["record"] >= 0))
        if any(_trailers(traffic, file, mine[:FIRST])):
            for row, trailer in zip(mine, _trailers(traffic, file, mine[:MOST]), strict=False):
                if trailer is not None:
                    rows.append(int(row))
                    found.append(trailer)
    events = traffic.events[rows]
    peers = [trailer.peer for trailer in found]
    return {
        "file": file_texts(traffic, events["file"]),
        "frame": events["frame"],
        "record": events["record"],
        "ingress": as_numbers([-1 if t.ingress is None else int(t.ingress) for t in found]),
        "slot": as_numbers([t.slot for t in found]),
        "tmm": as_numbers([t.tmm for t in found]),
        "virtual_server": as_texts([t.virtual_server for t in found]),
        "flow_id": as_texts([f"0x{t.flow:x}" if t.flow else "" for t in found]),
        "peer_flow_id": as_texts([f"0x{t.peer_flow:x}" if t.peer_flow else "" for t in found]),
        "reset_cause": as_texts([t.reset_cause for t in found]),
        "peer_remote": as_texts([str(peer.remote) if peer else "" for peer in peers]),
        "peer_remote_port": as_numbers([peer.remote_port if peer else -1 for peer in peers]),
        "peer_local": as_texts([str(peer.local) if peer else "" for peer in peers]),
        "peer_local_port": as_numbers([peer.local_port if peer else -1 for peer in peers]),
        "peer_vlan": as_numbers([peer.vlan if peer else -1 for peer in peers]),
    }


def _trailers(traffic: Traffic, file: int, rows: Ints) -> list[Trailer | None]:
    events = traffic.events[rows]
    interfaces = traffic.flows["interface"][events["record"]]
    return trailers(traffic.captures[file], events["position"], interfaces)
