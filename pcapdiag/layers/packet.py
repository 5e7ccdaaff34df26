"""What the layers find out about one packet: the scratch record that all of them share.

Compiled, it is one record of ``PACKET``; uncompiled, a dictionary with the same names.  Unknown
is -1.  A new packet starts with :func:`start`, which resets what a layer may leave unsaid.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from pcapdiag.compiled import AnyFunction, kernel, left_out, primitive

Packet = Any
"""A dict[str, int | list] when plain, a record of PACKET when compiled."""

_ONE: Final = (
    # The frame
    "frame", "time_ns", "position", "interface", "captured", "wire",
    # Where the next header begins, where the bytes at hand end, where they ended on the wire
    "at", "end", "wire_end", "reason",
    # Where an option that may name the client begins; -1: there is none
    "claim_at",
    # Number of the next header, where one of `numbers` must still say which layer that is
    "announced",
    # Link
    "link_kind", "source_mac", "destination_mac", "vlan", "link_direction", "link_index", "broadcast",
    # Internet
    "ip_version", "ttl", "ip_id", "ip_length",
    "fragment", "more_fragments", "fragment_offset", "fragment_id", "protocol",
    # IP fragments it came in, itself included; 1: some of them overlapped
    "frames", "overlap",
    "tunnel", "tunnel_id", "outer_version",
    # TCP
    "source_port", "destination_port", "seq", "ack", "flags", "window", "whole_header", "shown",
    "payload_at", "payload", "payload_captured",
    "mss", "window_scale", "sack_permitted", "timestamp", "multipath", "options_digest",
    # ICMP
    "icmp_type", "icmp_code", "icmp_mtu", "quoted_version", "quoted_source_port",
    "quoted_destination_port", "quoted_seq", "quoted_ack", "quoted_flags",
    # ARP and neighbour discovery
    "neighbor_kind", "sender_mac", "target_mac",
)  # fmt: skip
_WORDS: Final = (
    "source", "destination",
    "outer_source", "outer_destination",
    "icmp_gateway", "quoted_source", "quoted_destination",
    "sender", "target",
)  # fmt: skip
"""Addresses as big-endian 32-bit words; IPv4 in word 0."""

PACKET: Final = np.dtype([(name, "i8") for name in _ONE] + [(name, "i8", (4,)) for name in _WORDS])

_COMMON: Final = "common"
COMMON: Final = np.dtype([*PACKET.descr, (_COMMON, "i1")])
"""The scratch of a kernel that reads what most packets hold, and puts the others off."""

LINK_ETHERNET: Final = 0
LINK_SLL: Final = 1
LINK_SLL2: Final = 2
LINK_NONE: Final = 3

SENT: Final = 4
"""``link_direction`` of packets this host sent (LINUX_SLL packet type)."""

STOP: Final = 0
"""No further layer can be read; ``packet["reason"]`` says why."""
ETHERNET: Final = 1
VLAN: Final = 2
LINUX_SLL: Final = 3
LINUX_SLL2: Final = 4
NULL: Final = 5
RAW: Final = 6
LLC: Final = 7
IPV4: Final = 8
IPV6: Final = 9
ARP: Final = 10
ICMP: Final = 11
ICMPV6: Final = 12
TCP: Final = 13
UDP: Final = 14
OTHER_ETHERTYPE: Final = 15
OTHER_PROTOCOL: Final = 16
GRE: Final = 17
ERSPAN: Final = 18
VXLAN: Final = 19
GENEVE: Final = 20
GTP_U: Final = 21
MPLS: Final = 22
PPPOE: Final = 23
PPP: Final = 24
PPP_HDLC: Final = 25
CISCO_HDLC: Final = 26
FRAME_RELAY: Final = 27
TEREDO: Final = 28
L2TP: Final = 29
NSH: Final = 30
GUE: Final = 31
BRIDGE_TAG: Final = 32
MAC_IN_MAC: Final = 33
AUTHENTICATION: Final = 34
ETHERIP: Final = 35
LISP: Final = 36
TZSP: Final = 37
CAPWAP: Final = 38
WLAN: Final = 39
CAPTURE_HEADER: Final = 40
FDDI: Final = 41
NFLOG: Final = 42
JUNIPER: Final = 43
NSTRACE: Final = 44
L2TPV3: Final = 45
MACSEC: Final = 46
DONE_TCP: Final = -1
DONE_ICMP: Final = -2
DONE_NEIGHBOR: Final = -3
DONE_FRAGMENT: Final = -4
"""A fragment with all its octets, the next header's number in ``protocol``: to be put together."""
PUT_OFF: Final = -5
"""This kernel does not read it: see :data:`COMMON`."""


def uncommon(instead: Any) -> Callable[[AnyFunction], AnyFunction]:
    """Mark a kernel function that few packets need; a kernel that puts them off returns `instead`."""
    return left_out(_COMMON, instead)


def _puts_off(packet: Any) -> Callable[..., Any]:
    answer = _COMMON in packet.fields

    def body(packet: Packet) -> bool:
        return answer

    return body


@primitive(_puts_off)
def puts_off(packet: Packet) -> bool:
    """Tell whether the kernel at work puts off what few packets hold."""
    return False


def plain_packet() -> Packet:
    """Return the scratch for uncompiled runs."""
    packet: dict[str, Any] = dict.fromkeys(_ONE, -1)
    packet.update({name: [0, 0, 0, 0] for name in _WORDS})
    return packet


@kernel
def start(packet: Packet) -> None:
    """Forget the packet before: everything a layer may leave unsaid becomes unknown."""
    packet["reason"] = 0
    packet["claim_at"] = -1
    packet["link_kind"] = LINK_NONE
    packet["source_mac"] = -1
    packet["destination_mac"] = -1
    packet["vlan"] = -1
    packet["link_index"] = -1
    packet["broadcast"] = -1
    packet["ip_version"] = 0
    packet["fragment"] = 0
    packet["frames"] = 1
    packet["overlap"] = 0
    packet["more_fragments"] = 0
    packet["tunnel"] = 0
    packet["tunnel_id"] = -1
    packet["outer_version"] = 0
    packet["quoted_version"] = 0


@kernel
def stop(packet: Packet, reason: int) -> int:
    """Name why no further layer can be read, and stop."""
    packet["reason"] = reason
    return STOP
