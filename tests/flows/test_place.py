"""Places on the path."""

from pcapdiag.flows.place import facing_of, mirror_of, place_of
from pcapdiag.layers.packet import (
    LINK_ETHERNET,
    LINK_NONE,
    LINK_SLL,
    LINK_SLL2,
    SENT,
    Packet,
    plain_packet,
)  # fmt: skip


def seen(kind: int, **fields: int) -> Packet:
    packet = plain_packet()
    packet.update(link_kind=kind, interface=0, **fields)
    return packet


def test_ethernet_is_mirrored_by_its_addresses() -> None:
    there = seen(LINK_ETHERNET, source_mac=1, destination_mac=2, vlan=7)
    back = seen(LINK_ETHERNET, source_mac=2, destination_mac=1, vlan=7)
    other = seen(LINK_ETHERNET, source_mac=2, destination_mac=1, vlan=8)
    assert mirror_of(back) == facing_of(there, place_of(there))
    assert mirror_of(other) != facing_of(there, place_of(there))
    assert len({place_of(there), place_of(back), place_of(other)}) == 3


def test_cooked_is_mirrored_by_its_direction() -> None:
    there = seen(LINK_SLL2, source_mac=1, link_direction=0, link_index=3)
    back = seen(LINK_SLL2, source_mac=9, link_direction=SENT, link_index=3)
    elsewhere = seen(LINK_SLL2, source_mac=9, link_direction=SENT, link_index=4)
    assert mirror_of(back) == facing_of(there, place_of(there))
    assert mirror_of(elsewhere) != facing_of(there, place_of(there))
    old = seen(LINK_SLL, source_mac=1, link_direction=0)
    assert mirror_of(seen(LINK_SLL, source_mac=9, link_direction=SENT)) == facing_of(
        old, place_of(old)
    )


def test_without_a_link_header_only_the_interface_counts() -> None:
    assert place_of(seen(LINK_NONE)) == place_of(seen(LINK_NONE))
    other = seen(LINK_NONE)
    other["interface"] = 1
    assert place_of(other) != place_of(seen(LINK_NONE))
