"""Why a packet's TCP header could not be reached: numbers for kernels, words for people.

Sources of the numbers: IANA ether types, IANA protocol numbers, tcpdump.org/linktypes.html.
"""

from typing import Final

ETHERTYPES: Final = 0
LINK_TYPES: Final = 0x10000
PROTOCOLS: Final = 0x20000
SAPS: Final = 0x20100
PPP_PROTOCOLS: Final = 0x20200
_FIXED: Final = 0x30200

_FIXED_WORDS: Final = (
    "link header truncated", "ipv4 truncated", "ipv4 malformed", "ipv6 truncated", "ipv6 malformed",
    "tcp truncated", "fragment",
    "arp truncated", "arp of another kind", "icmp truncated", "icmp",
    "nested too deep", "not ip", "snap of another vendor", "bsd family of another kind",
    "neighbor messages not listed", "icmp errors not listed", "udp truncated",
    "tunnel header truncated", "tunnel control", "tunnel header malformed",
    "tunnel payload of another kind", "encrypted", "wireless frame without data",
)  # fmt: skip
COUNT: Final = _FIXED + len(_FIXED_WORDS)
"""Length of an array with one counter for each reason."""
(
    LINK_TRUNCATED, IPV4_TRUNCATED, IPV4_MALFORMED, IPV6_TRUNCATED, IPV6_MALFORMED,
    TCP_TRUNCATED, FRAGMENT,
    ARP_TRUNCATED, ARP_OTHER, ICMP_TRUNCATED, ICMP_OTHER,
    NESTED_TOO_DEEP, NOT_IP, SNAP_OTHER, NULL_FAMILY,
    NEIGHBORS_UNLISTED, ICMP_UNLISTED, UDP_TRUNCATED,
    TUNNEL_TRUNCATED, TUNNEL_CONTROL, TUNNEL_MALFORMED,
    TUNNEL_OTHER, ENCRYPTED, WLAN_OTHER,
) = range(_FIXED, COUNT)  # fmt: skip
"""In the order of their words."""

_UNREADABLE: Final = (
    LINK_TRUNCATED, IPV4_TRUNCATED, IPV4_MALFORMED, IPV6_TRUNCATED, IPV6_MALFORMED, TCP_TRUNCATED,
    ARP_TRUNCATED, ICMP_TRUNCATED, UDP_TRUNCATED, TUNNEL_TRUNCATED, TUNNEL_MALFORMED, NESTED_TOO_DEEP,
)  # fmt: skip
"""Reasons that mean a header could not be read, not that there was something else than TCP."""

_LINK_TYPE: Final = "link type "
_ETHERTYPE_WORDS: Final = {0x8863: "pppoe discovery", 0x88E5: "macsec"}
_PROTOCOL_WORDS: Final = {
    2: "igmp", 4: "ipip", 17: "udp", 41: "6in4", 47: "gre", 50: "esp", 51: "ah", 59: "no next header",
    89: "ospf", 108: "ipcomp", 112: "vrrp", 115: "l2tpv3", 132: "sctp",
}  # fmt: skip


def words(reason: int) -> str:
    """Return what a reason's number means."""
    if reason < LINK_TYPES:
        if reason in _ETHERTYPE_WORDS:
            return _ETHERTYPE_WORDS[reason]
        return f"ethertype 0x{reason:04x}"
    if reason < PROTOCOLS:
        return f"{_LINK_TYPE}{reason - LINK_TYPES}"
    if reason < SAPS:
        number = reason - PROTOCOLS
        return _PROTOCOL_WORDS.get(number, f"ip protocol {number}")
    if reason < PPP_PROTOCOLS:
        return f"llc sap 0x{reason - SAPS:02x}"
    if reason < _FIXED:
        return f"ppp protocol 0x{reason - PPP_PROTOCOLS:04x}"
    return _FIXED_WORDS[reason - _FIXED]


def is_unreadable(reason: str) -> bool:
    """Say whether these words of a reason mean that a header could not be read."""
    return reason.startswith(_LINK_TYPE) or reason in {words(number) for number in _UNREADABLE}
