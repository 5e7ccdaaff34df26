"""From a packet's end points to the record of its flow: a hash table with open addressing.

The table maps to the newest connection between two end points; its order never shows in results.
"""

from typing import Any, Final

from pcapdiag.compiled import kernel
from pcapdiag.flows.state import FLOWS, SECRET, Tables

MASK: Final = 0x7FFFFFFF
FACTOR: Final = 0x5BD1E995
START: Final = 0x2545F491


@kernel
def mix(digest: int, value: int) -> int:
    """Return a 31-bit digest that depends on all bits of a digest and a value below 2^62.

    Products of 31-bit numbers fit int64, so plain Python and machine code agree.
    """
    folded = (value ^ value >> 31) & MASK
    mixed = ((digest ^ folded) & MASK) * FACTOR
    return (mixed ^ mixed >> 31) & MASK


@kernel
def end_digest(address: Any, port: int, secret: int) -> int:
    """Return the digest of one end point.

    `secret`, 31 bits that nobody knows beforehand, keeps a capture from being made of end points that
    all fall on one slot.
    """
    # Mixed one after the other: neighbouring addresses and ports must not cancel out.
    digest = mix(mix(START ^ secret, port), int(address[0]))
    for word in range(1, 4):
        if address[word]:
            digest = mix(digest + word, int(address[word]))
    return digest


@kernel
def slot_of(digest: int, size: int) -> int:
    """Return where to begin looking; `size` is a power of two."""
    return (digest ^ digest >> 15) & (size - 1)


@kernel
def matches(flow: Any, version: int, a: Any, a_port: int, b: Any, b_port: int) -> int:
    """Return the direction of a packet from end point a to b in a flow: 0, 1, or -1: another flow."""
    if flow["ip_version"] != version:
        return -1
    port = flow["port"]
    address = flow["address"]
    if port[0] == a_port and port[1] == b_port:
        same = 1
        for word in range(4):
            if address[0, word] != a[word] or address[1, word] != b[word]:
                same = 0
                break
        if same == 1:
            return 0
    if port[1] == a_port and port[0] == b_port:
        for word in range(4):
            if address[1, word] != a[word] or address[0, word] != b[word]:
                return -1
        return 1
    return -1


@kernel
def find(tables: Tables, version: int, a: Any, a_port: int, b: Any, b_port: int) -> int:
    """Return the slot of the index for two end points; free when they are not known yet."""
    slots = tables.slots
    size = len(slots)
    # A sum does not depend on the order of its terms: both directions get the same slot.
    secret = tables.used[SECRET]
    digest = (end_digest(a, a_port, secret) + end_digest(b, b_port, secret)) & MASK
    slot = slot_of(digest, size)
    # The table is never more than half full, so that the walk ends.
    while True:
        record = int(slots[slot])
        if record < 0:
            return slot
        if matches(tables.flows[record], version, a, a_port, b, b_port) >= 0:
            return slot
        slot = (slot + 1) & (size - 1)


@kernel
def rebuild(tables: Tables, first: int) -> None:
    """Fill an empty index with the whole records from `first` on; newer ones replace older."""
    for record in range(first, int(tables.used[FLOWS])):
        flow = tables.flows[record]
        if flow["hop"] < 0:
            address = flow["address"]
            port = flow["port"]
            slot = find(
                tables, int(flow["ip_version"]), address[0], int(port[0]), address[1], int(port[1])
            )
            tables.slots[slot] = record
