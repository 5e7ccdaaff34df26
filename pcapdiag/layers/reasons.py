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

LINK_TRUNCATED: Final = _FIXED
IPV4_TRUNCATED: Final = _FIXED + 1
IPV4_MALFORMED: Final = _FIXED + 2
IPV6_TRUNCATED: Final = _FIXED + 3
IPV6_MALFORMED: Final = _FIXED + 4
TCP_TRUNCATED: Final = _FIXED + 5
TCP_MALFORMED: Final = _FIXED + 6
FRAGMENT: Final = _FIXED + 7
ARP_TRUNCATED: Final = _FIXED + 8
ARP_OTHER: Final = _FIXED + 9
ICMP_TRUNCATED: Final = _FIXED + 10
ICMP_OTHER: Final = _FIXED + 11
NESTED_TOO_DEEP: Final = _FIXED + 12
NOT_IP: Final = _FIXED + 13
SNAP_OTHER: Final = _FIXED + 14
NULL_FAMILY: Final = _FIXED + 15
NEIGHBORS_UNLISTED: Final = _FIXED + 16
ICMP_UNLISTED: Final = _FIXED + 17
UDP_TRUNCATED: Final = _FIXED + 18
TUNNEL_TRUNCATED: Final = _FIXED + 19
TUNNEL_CONTROL: Final = _FIXED + 20
TUNNEL_MALFORMED: Final = _FIXED + 21
TUNNEL_OTHER: Final = _FIXED + 22
ENCRYPTED: Final = _FIXED + 23
WLAN_OTHER: Final = _FIXED + 24
COUNT: Final = _FIXED + 25
"""Length of an array with one counter for each reason."""

_FIXED_WORDS: Final = (
    "link header truncated", "ipv4 truncated", "ipv4 malformed", "ipv6 truncated",
    "ipv6 malformed", "tcp truncated", "tcp malformed", "fragment", "arp truncated",
    "arp of another kind", "icmp truncated", "icmp", "nested too deep", "not ip",
    "snap of another vendor", "bsd family of another kind", "neighbor messages not listed",
    "icmp errors not listed", "udp truncated", "tunnel header truncated", "tunnel control",
    "tunnel header malformed", "tunnel payload of another kind", "encrypted",
    "wireless frame without data",
)  # fmt: skip
_UNREADABLE: Final = (
    LINK_TRUNCATED, IPV4_TRUNCATED, IPV4_MALFORMED, IPV6_TRUNCATED, IPV6_MALFORMED, TCP_TRUNCATED,
    TCP_MALFORMED, ARP_TRUNCATED, ICMP_TRUNCATED, UDP_TRUNCATED, TUNNEL_TRUNCATED, TUNNEL_MALFORMED,
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
