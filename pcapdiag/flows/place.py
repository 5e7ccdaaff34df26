"""Where on the path a packet was seen, as numbers that can be compared.

Each packet has three: ``place`` (equal for packets of one direction seen at the same point),
``facing`` and ``mirror`` (the ``mirror`` of a packet equals the ``facing`` of packets of the other
direction at the same point).  What the link can tell decides what they are made of:

* Ethernet: both MAC addresses, VLAN, capture interface; mirrored by swapping the addresses.
* Linux cooked: interface index (version 2 only), sent or received, source MAC; mirrored by turning
  sent into received.  The destination MAC is not there.
* No link header: the capture interface.

A tunnel is a place of its own: the same packet inside and outside of it was seen at two points, and
so it was with other ends of the tunnel.
"""

from typing import Any

from pcapdiag.compiled import kernel
from pcapdiag.flows.index import START, mix
from pcapdiag.layers import packet as layer
from pcapdiag.layers import tunnel
from pcapdiag.layers.packet import Packet


@kernel
def place_of(packet: Packet) -> int:
    """Return the number of the point where a packet was seen."""
    digest = _common(packet)
    if packet["tunnel"]:
        digest = _ends(digest, packet["outer_source"], packet["outer_destination"])
    if packet["link_kind"] == layer.LINK_ETHERNET:
        return mix(mix(digest, packet["source_mac"]), packet["destination_mac"])
    if packet["link_kind"] == layer.LINK_NONE:
        return digest
    return mix(mix(digest, packet["link_direction"] + 1), packet["source_mac"] + 1)


@kernel
def facing_of(packet: Packet, place: int) -> int:
    """Return the number that a packet's `mirror` at the same point has in the other direction.

    `place` is the packet's; only cooked captures, which lack the destination MAC, have another.
    """
    if packet["link_kind"] == layer.LINK_ETHERNET or packet["link_kind"] == layer.LINK_NONE:
        return place
    digest = _common(packet)
    if packet["tunnel"]:
        digest = _ends(digest, packet["outer_source"], packet["outer_destination"])
    return mix(digest, 1 if packet["link_direction"] == layer.SENT else 2)


@kernel
def mirror_of(packet: Packet) -> int:
    """Return the `facing` that packets of the other direction have at the same point."""
    digest = _common(packet)
    if packet["tunnel"]:
        digest = _ends(digest, packet["outer_destination"], packet["outer_source"])
    if packet["link_kind"] == layer.LINK_ETHERNET:
        return mix(mix(digest, packet["destination_mac"]), packet["source_mac"])
    if packet["link_kind"] == layer.LINK_NONE:
        return digest
    return mix(digest, 2 if packet["link_direction"] == layer.SENT else 1)


@kernel
def _common(packet: Packet) -> int:
    """Digest of what does not depend on the direction."""
    digest = mix(START, packet["interface"] + 1)
    if packet["tunnel"]:
        digest = mix(digest, packet["tunnel"])
        # Of the other encapsulations, each direction may have its own number.
        if packet["tunnel"] in (tunnel.VXLAN, tunnel.GENEVE, tunnel.GRE, tunnel.ERSPAN):
            digest = mix(digest, packet["tunnel_id"] + 1)
    if packet["link_kind"] == layer.LINK_ETHERNET:
        return mix(digest, packet["vlan"] + 1)
    return mix(digest, packet["link_index"] + 1)


@kernel
def _ends(digest: int, first: Any, second: Any) -> int:
    """Take in the ends of a tunnel."""
    for word in range(4):
        digest = mix(mix(digest, first[word]), second[word])
    return digest
