"""The table `toa`: options that name the client, or may.

Source: :mod:`pcapdiag.payload.toa`.
"""

from collections import defaultdict
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pcapdiag.facts.addresses import Columns, as_numbers, as_texts, file_texts
from pcapdiag.facts.columns import count, text, true
from pcapdiag.flows.legs import Address
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import WHOLE
from pcapdiag.payload.toa import Claim, claims_of

DIRECTIONS = ("to-responder", "to-initiator", "")
"""The last: not TCP."""


TOA: Final = (
    text("file", "capture"),
    count("frame", "frame number"),
    count("record", "flow or hop, as in `event`; NULL: the packet is not TCP"),
    text("direction", "to-responder, to-initiator; NULL: the packet is not TCP"),
    text("carrier", "tcp-option, ip-option, ip-protocol (a header of IP protocol 248)"),
    count("kind", "kind of the option; none is assigned to this"),
    text(
        "meaning",
        "how length and shape read: toa, toa-virtual (with the virtual service), virtual-service, uoa, "
        "client-address (without a port), experiment (another one by its ExID), unknown",
    ),
    text("client", "the client's own address; NULL: the option names none that can be believed"),
    count("client_port", "its port; NULL: not told"),
    true(
        "client_seen",
        "another connection of the capture comes from that address and port, which confirms it; false: "
        "only the shape speaks for it",
    ),
    text("virtual_address", "address that the client called"),
    count("virtual_port", "its port"),
    text("octets", "the option's value, hexadecimal"),
)


def toa_columns(traffic: Traffic) -> Columns:
    """Return the columns of `toa`, one row an option."""
    rows, found = list[int](), list[Claim]()
    for row, packet in enumerate(traffic.claims):
        several = list(claims_of(packet))
        rows += [row] * len(several)
        found += several
    packets = traffic.claims[rows]
    return {
        "file": file_texts(traffic, packets["file"]),
        "frame": packets["frame"],
        "record": packets["record"],
        "direction": as_texts([DIRECTIONS[each] for each in packets["direction"].tolist()]),
        "carrier": as_texts([claim.carrier for claim in found]),
        "kind": as_numbers([claim.kind for claim in found]),
        "meaning": as_texts([claim.meaning for claim in found]),
        "client": as_texts([_text(claim.client) for claim in found]),
        "client_port": as_numbers([claim.client_port for claim in found]),
        "client_seen": _seen(traffic, found, packets["record"].tolist()),
        "virtual_address": as_texts([_text(claim.virtual) for claim in found]),
        "virtual_port": as_numbers([claim.virtual_port for claim in found]),
        "octets": as_texts([claim.octets.hex() for claim in found]),
    }


def _seen(traffic: Traffic, found: list[Claim], records: list[int]) -> NDArray[Any]:
    """Tell whether another connection comes from the claimed address and port; -1: none is claimed."""
    if not found:
        return as_numbers([])
    flows = traffic.flows
    sources = defaultdict[tuple[int, bytes, int], set[int]](set)
    whole = np.flatnonzero(flows["hop"] == WHOLE)
    ends = zip(
        whole.tolist(),
        flows["ip_version"][whole].tolist(),
        flows["address"][whole, 0].astype(">u4"),
        flows["port"][whole, 0].tolist(),
        strict=True,
    )
    for flow, version, address, port in ends:
        octets = address.tobytes()[: 4 if version == 4 else 16]
        sources[version, octets, port].add(flow)
        sources[version, octets, -1].add(flow)
    seen = []
    for claim, record in zip(found, records, strict=True):
        if claim.client is None:
            seen.append(-1)
            continue
        key = claim.client.version, claim.client.packed, claim.client_port
        own = int(flows["whole"][record]) if record >= 0 else -1
        seen.append(int(bool(sources.get(key, set()) - {own})))
    return as_numbers(seen)


def _text(address: Address | None) -> str:
    return "" if address is None else str(address)
