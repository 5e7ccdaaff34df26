"""Copies of a packet: seen again at another hop, or captured twice at the same one.

A copy has the same digest of header fields, in the same connection and direction, within
``COPY_NS``.  At another place, or with another TTL, it is another hop; at the same place with the
same TTL it is a duplicate of the capture, if an IPv4 identification says so or it follows within
``TWICE_NS`` - else it was sent again.  A changed MAC address without a copy (a failover, another
way back) makes no hop.
"""

from typing import Any, Final

from pcapdiag.compiled import apart, kernel, soon
from pcapdiag.flows.index import START, mix
from pcapdiag.flows.place import facing_of, mirror_of, place_of
from pcapdiag.flows.records import copy_as_hop, new_hop
from pcapdiag.flows.state import SIGHTINGS, Tables
from pcapdiag.layers.packet import Packet
from pcapdiag.layers.tcp import FIN, RST, SYN

COPY_NS: Final = 50_000_000
"""Forwarding takes far less, a retransmission timer far more (RFC 6298 2.4: 1 s, Linux 200 ms)."""
TWICE_NS: Final = 1_000_000
MOST_HOPS: Final = 4

ORIGINAL, COPY, DUPLICATE_COPY = 0, 1, 2
"""What :func:`sight` says of a packet."""


@kernel
def digest_of(packet: Packet) -> int:
    """Return the number that copies of a packet share along the path."""
    digest = mix(
        mix(START, packet["source_port"] << 16 | packet["destination_port"]), packet["seq"]
    )
    digest = mix(digest, packet["ack"])
    digest = mix(digest, packet["flags"] << 32 | packet["window"] << 8)
    digest = mix(digest, packet["payload"])
    digest = mix(digest, packet["ip_id"] + 1)
    return mix(digest, packet["options_digest"])


@kernel
def expect(tables: Tables, packet: Packet) -> int:
    """Return a packet's digest; its sighting is looked at behind its flow, and on its way meanwhile."""
    digest = digest_of(packet)
    soon(tables.sightings, digest & (SIGHTINGS - 1))
    return digest


@kernel
def sight(
    tables: Tables, whole: int, packet: Packet, direction: int, digest: int
) -> tuple[int, int]:
    """Return what a packet is, and the hop record that it counts in (-1: there are none).

    A duplicate counts in no hop record.
    """
    place = place_of(packet)
    sighting = tables.sightings[digest & (SIGHTINGS - 1)]
    time_ns = packet["time_ns"]
    apart = abs(time_ns - int(sighting["time_ns"]))
    known = sighting["record"] == whole and sighting["digest"] == digest
    if known and apart <= COPY_NS:
        if sighting["place"] != place or sighting["ttl"] != packet["ttl"]:
            return place_copy(tables, whole, packet, direction, sighting, place)
        if is_same_capture(packet, apart):
            return DUPLICATE_COPY, -1
    record = -1
    seen = 0
    if tables.flows[whole]["first_hop"] >= 0:
        record = hop_of_original(tables, whole, packet, direction, place)
        seen = 1 << int(tables.flows[record]["hop"])
    sighting["record"] = whole
    sighting["digest"] = digest
    sighting["time_ns"] = time_ns
    sighting["place"] = place
    sighting["facing"] = facing_of(packet, place)
    sighting["ttl"] = packet["ttl"]
    sighting["hops"] = seen
    return ORIGINAL, record


@kernel
def is_same_capture(packet: Packet, apart_ns: int) -> bool:
    """Tell whether an equal packet at the same place is the same one, captured twice."""
    if packet["ip_id"] > 0:
        return True
    # Without an identification, equal pure ACKs in a row are what a receiver sends when it misses
    # something.
    heavy = packet["payload"] > 0 or packet["flags"] & (SYN | FIN | RST)
    return apart_ns <= TWICE_NS and bool(heavy)


@kernel
def hop_of_original(tables: Tables, whole: int, packet: Packet, direction: int, place: int) -> int:
    """Return the hop record for a packet that is no copy; hop 0 when its place is new."""
    first = int(tables.flows[whole]["first_hop"])
    record = first
    for _ in range(MOST_HOPS):
        state = tables.states[record]
        if state["place"][direction] == place:
            return record
        record = int(tables.flows[record]["next_hop"])
        if record < 0:
            break
    record = hop_facing(tables, first, packet, direction)
    if record < 0:
        record = first
    if tables.states[record]["place"][direction] < 0:
        take_place(tables.states[record], packet, direction, place)
    return record


@kernel
def hop_facing(tables: Tables, first: int, packet: Packet, direction: int) -> int:
    """Return the hop whose packets of the other direction pass the same point; -1: none known."""
    mirror = mirror_of(packet)
    record = first
    for _ in range(MOST_HOPS):
        state = tables.states[record]
        if state["place"][direction] < 0 and state["facing"][1 - direction] == mirror:
            return record
        record = int(tables.flows[record]["next_hop"])
        if record < 0:
            break
    return -1


@kernel
def take_place(state: Any, packet: Packet, direction: int, place: int) -> None:
    """Note where a hop's packets of one direction are seen."""
    state["place"][direction] = place
    state["facing"][direction] = facing_of(packet, place)
    state["place_ttl"][direction] = packet["ttl"]


@apart
def place_copy(
    tables: Tables, whole: int, packet: Packet, direction: int, sighting: Any, place: int
) -> tuple[int, int]:
    """Find the hop of a copy, or make it; the first copy of a connection makes hop 0 as well."""
    if tables.flows[whole]["first_hop"] < 0:
        record = copy_as_hop(tables, whole)
        state = tables.states[record]
        state["place"][direction] = sighting["place"]
        state["facing"][direction] = sighting["facing"]
        state["place_ttl"][direction] = sighting["ttl"]
        sighting["hops"] = 1
    record = hop_of_copy(tables, whole, packet, direction, int(sighting["hops"]), place)
    if record < 0:
        return DUPLICATE_COPY, -1
    bit = 1 << int(tables.flows[record]["hop"])
    # More places than hops are kept for: a copy of a packet that its hop has already.
    if int(sighting["hops"]) & bit:
        return COPY, -1
    sighting["hops"] = int(sighting["hops"]) | bit
    return COPY, record


@kernel
def hop_of_copy(
    tables: Tables, whole: int, packet: Packet, direction: int, seen: int, place: int
) -> int:
    """Return the hop record for a copy at a place; -1: its hop has the packet already.

    Tried in this order: the hop with this place, a hop facing it, a hop that knows no place yet in
    this direction, a new hop; the last hop when there can be no more.
    """
    first = int(tables.flows[whole]["first_hop"])
    facing = hop_facing(tables, first, packet, direction)
    record = first
    last = first
    vacant = -1
    for _ in range(MOST_HOPS):
        state = tables.states[record]
        hop = int(tables.flows[record]["hop"])
        if state["place"][direction] == place:
            if not seen >> hop & 1:
                return record
            if state["place_ttl"][direction] == packet["ttl"]:
                return -1
        elif state["place"][direction] < 0 and not seen >> hop & 1 and vacant < 0:
            vacant = record
        last = record
        record = int(tables.flows[record]["next_hop"])
        if record < 0:
            break
    if facing >= 0 and not seen >> int(tables.flows[facing]["hop"]) & 1:
        vacant = facing
    if vacant < 0:
        if tables.flows[last]["hop"] + 1 >= MOST_HOPS:
            return last
        vacant = new_hop(tables, whole, last)
    take_place(tables.states[vacant], packet, direction, place)
    return vacant
