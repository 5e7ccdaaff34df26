"""The event tables: single packets that a report may cite, each with its frame number.

``EVENT`` is about one flow, ``NEIGHBOR`` about address resolution, ``CLAIM`` about options that may
name a client, ``ICMP`` about errors; the last three also hold packets that belong to no flow.  Unknown is -1.
"""

from typing import Final

import numpy as np

EVENT_KINDS: Final = (
    "syn",
    "syn-ack",
    "fin",
    "reset",
    "data",
    "retransmission",
    "out-of-order",
    "zero-window",
    "keep-alive",
    "turn",
    "duplicate",
    "acked-unseen",
)
"""Words for the `kind` code.  `data`: the first payload of a direction; `turn`: the first payload
after the other side spoke (a request or reply begins)."""

EVENTS_PER_FLOW: Final = 512
"""More events of one flow are counted in its columns but not listed."""

EVENT: Final = np.dtype(
    [
        ("kind", "i8"),  # index into EVENT_KINDS
        ("record", "i8"),  # record of the flow table: the hop's if the flow has hop records
        ("direction", "i8"),  # 0 to the responder, 1 to the initiator
        ("file", "i8"),
        ("frame", "i8"),
        ("time_ns", "i8"),
        ("position", "i8"),  # offset of the packet in the uncompressed file
        ("payload", "i8"),  # bytes
        ("seq", "i8"),  # raw sequence number
        ("ack", "i8"),  # raw acknowledgement number; -1: ACK not set
    ]
)

NEIGHBOR_KINDS: Final = (
    "arp-request",
    "arp-reply",
    "neighbor-solicitation",
    "neighbor-advertisement",
)
"""RFC 826 opcodes 1 and 2; RFC 4861 ICMPv6 types 135 and 136."""

NEIGHBOR: Final = np.dtype(
    [
        ("kind", "i8"),  # index into NEIGHBOR_KINDS
        ("file", "i8"),
        ("frame", "i8"),
        ("time_ns", "i8"),
        ("interface", "i8"),
        ("vlan", "i8"),  # -1: untagged
        ("ip_version", "i8"),  # 4 ARP, 6 neighbour discovery
        ("sender", "u4", (4,)),  # protocol address of the asker / answerer; all 0: none (probe)
        ("target", "u4", (4,)),  # address asked for / answered for
        ("sender_mac", "i8"),  # as claimed in the message; -1: not said
        ("target_mac", "i8"),  # -1: not said
        ("mac", "i8", (2,)),  # source and destination of the frame; -1: link has none
        ("link_direction", "i8"),  # as in the flow table
        ("broadcast", "i8"),  # 1: sent to broadcast or multicast; 0: to one station; -1: unknown
    ]
)

CARRIERS: Final = ("tcp-option", "ip-option", "ip-protocol")
"""Words for the `carrier` code of CLAIM."""
LONGEST_CLAIM: Final = 40
"""All options of a TCP or IPv4 header (RFC 9293 3.1, RFC 791 3.1)."""

CLAIM: Final = np.dtype(
    [
        ("file", "i8"),
        ("frame", "i8"),
        ("record", "i8"),  # as in EVENT; -1: not TCP
        ("direction", "i8"),  # 0 to the responder, 1 to the initiator; -1: not TCP
        ("carrier", "i8"),  # index into CARRIERS
        ("size", "i8"),  # of `octets`
        ("octets", "u1", (LONGEST_CLAIM,)),  # from the option on
    ]
)
"""A packet with an option that may name the client; of a flow's direction the first few."""

CLAIMING_PACKETS: Final = 8
"""Packets of one direction of a flow in which such options are looked for: balancers write them into
the SYN, the first ACK or the first data, and again until that is acknowledged."""

ICMP: Final = np.dtype(
    [
        ("file", "i8"),
        ("frame", "i8"),
        ("time_ns", "i8"),
        ("ip_version", "i8"),
        ("type", "i8"),  # RFC 792 / RFC 4443
        ("code", "i8"),
        ("mtu", "i8"),  # next-hop MTU of "fragmentation needed" / "packet too big"; -1
        ("sender", "u4", (4,)),
        ("receiver", "u4", (4,)),
        ("gateway", "u4", (4,)),  # of a redirect, else 0
        ("record", "i8"),  # flow quoted inside; -1: none known
        ("direction", "i8"),  # of the quoted packet within that flow
        ("quoted", "u4", (2, 4)),  # source and destination address of the quoted packet
        ("quoted_port", "i8", (2,)),  # -1: not TCP or cut
        ("mac", "i8", (2,)),
    ]
)
