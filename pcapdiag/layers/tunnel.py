"""Encapsulations: their codes and words, and what every one of them leaves behind.

The inner packet is the flow's; of the headers around it only the innermost encapsulation is kept:
its kind, its number and the addresses of the IP header that carried it.
"""

from typing import Final

from pcapdiag.compiled import kernel
from pcapdiag.layers.packet import Packet

WORDS: Final = (
    "", "ipip", "6in4", "4in6", "gre", "vxlan", "geneve", "erspan", "gtp-u", "mpls", "pppoe",
    "6in6", "gue", "fou", "vxlan-gpe", "nsh", "teredo", "l2tp", "eoip", "etherip", "pbb",
    "fabricpath", "trill", "lisp", "tzsp", "capwap", "l2tpv3",
)  # fmt: skip
"""Words for the codes, in their order."""

(
    NONE, IPIP, SIX_IN_FOUR, FOUR_IN_SIX, GRE, VXLAN, GENEVE, ERSPAN, GTP_U, MPLS, PPPOE,
    SIX_IN_SIX, GUE, FOU, VXLAN_GPE, NSH, TEREDO, L2TP, EOIP, ETHERIP, PBB,
    FABRICPATH, TRILL, LISP, TZSP, CAPWAP, L2TPV3,
) = range(len(WORDS))  # fmt: skip


@kernel
def enter(packet: Packet, kind: int, number: int) -> None:
    """Note an encapsulation: what was read of IP so far becomes the outer header.

    `number` is its VNI, key, label or session; -1 without.
    """
    packet["tunnel"] = kind
    packet["tunnel_id"] = number
    packet["outer_version"] = packet["ip_version"]
    outer_source = packet["outer_source"]
    outer_destination = packet["outer_destination"]
    source = packet["source"]
    destination = packet["destination"]
    for word in range(4):
        outer_source[word] = source[word] if packet["ip_version"] else 0
        outer_destination[word] = destination[word] if packet["ip_version"] else 0
