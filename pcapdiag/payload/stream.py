"""Payload of single packets, read again from the capture by position.

The pass over the packets keeps no payload; what a parser needs later is fetched here, packet by packet.
"""

from typing import Any, Final

from numpy.typing import NDArray

from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import CaptureFacts, Traffic
from pcapdiag.layers import packet as layer
from pcapdiag.layers.dispatch import decode
from pcapdiag.read import packets_at

LONGEST: Final = 4096
"""Bytes of payload that are looked at: beginnings are short."""

HEADERS: Final = 512
"""Room for all headers before the payload."""


def read(traffic: Traffic, file: int, events: NDArray[Any]) -> list[bytes]:
    """Return the TCP payload of the packets behind the events, in their order; b"" where none is left.

    `events` is a 1-d array of dtype EVENT, all of one file; at most LONGEST bytes a packet.
    """
    interfaces = traffic.flows["interface"][events["record"]]
    return payloads(traffic.captures[file], events["position"], interfaces)


def first_data(traffic: Traffic, file: int, records: Ints, direction: int) -> list[bytes]:
    """Return the first payload of the given records in one direction; b"" where none was seen."""
    rows = traffic.flows.records[records]
    positions = rows["first_data_position"][:, direction]
    return payloads(traffic.captures[file], positions, rows["interface"])


def payloads(
    capture: CaptureFacts, positions: NDArray[Any], interfaces: NDArray[Any]
) -> list[bytes]:
    """Return the TCP payload of packets by position, at most LONGEST bytes each; b"" for -1."""
    wanted = positions.tolist()
    if max(wanted, default=-1) < 0:
        return [b""] * len(wanted)
    known = [at for at in wanted if at >= 0]
    found = packets_at(capture.name, known, HEADERS + LONGEST, capture.account)
    wires = [capture.interfaces[number] for number in interfaces.tolist()]
    return [
        _payload(found.get(at, b""), wire.link_type, wire.check)
        for at, wire in zip(wanted, wires, strict=True)
    ]


def _payload(data: bytes, link_type: int, check: int) -> bytes:
    packet = layer.plain_packet()
    layer.start(packet)
    # It matters where IP tells no length; of a packet that was cut, payload is left out instead.
    end = max(len(data) - check, 0)
    packet["at"], packet["end"], packet["wire_end"] = 0, end, end
    if decode(link_type, memoryview(data), packet) != layer.DONE_TCP:
        return b""
    begin, captured = packet["payload_at"], packet["payload_captured"]
    return data[begin : begin + min(captured, LONGEST)]
