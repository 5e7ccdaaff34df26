"""The client's address in options that balancers write (TOA, UOA): what a packet's options claim.

Sources: TOA of LVS and its relatives (toa.h of DPVS, Huawei, Tencent, UCloud: kinds 254, 253, 252, 250, 200,
77), Akamai and F5 iRules (kind 28, "Accessing TCP Options from iRules"), DPVS's uoa.h for UDP; RFC 6994 for
who else uses 253 and 254.  No kind is assigned, so only a whole shape with a possible address is believed.

    TCP option   0 kind, 1 length, then
      length 8   2 port, 4 IPv4 address; of kind 250 the virtual service's
      length 16  the same, 10 virtual port, 12 virtual IPv4 address
      length 20  2 port, 4 IPv6 address; of kind 252: 4 IPv4 address, 8 network, 12 virtual IPv4
                 address, 16 virtual port, 18 zeros
      kind 28    length 7: 2 version 1 or 2, 3 IPv4 address; length 6: 2 IPv4 address
    UDP          IPv4 option 31 of the first two shapes for length 8 and 20; or IP protocol 248:
                 0 version (4 bits), 1 protocol behind it, 2 length (2 octets), the option, the rest
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import islice
from typing import Any, Final

from pcapdiag.flows.events import CARRIERS
from pcapdiag.flows.legs import Address
from pcapdiag.layers.tcp_options import may_name_client

TCP_OPTION, IP_OPTION, IP_PROTOCOL = CARRIERS
"""What carries a claim."""
BEHIND: Final = 4
"""Octets of the header of IP protocol 248 before its options."""
TOA, VIRTUAL_TOA, VIRTUAL, UOA, CLIENT_ADDRESS, EXPERIMENT, UNKNOWN = (
    "toa", "toa-virtual", "virtual-service", "uoa", "client-address", "experiment", "unknown",
)  # fmt: skip
"""How a claim was read."""

EXPERIMENTS: Final = frozenset({0xF989, 0x454E, 0x0348, 0xACC0, 0xACC1, 0xACCE, 0xEB9F, 0xE2D4})
"""First octets of kinds 253 and 254 that name an experiment (RFC 7413, 8547, 7974, 7609, AccECN, BPF)."""
EXPERIMENTAL: Final = (253, 254)

END, NOTHING = 0, 1
FOUR, SIX = 4, 16
"""Octets of an address."""

NO_CLIENTS: Final = tuple(IPv4Network(each) for each in ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3"))
CLIENTS: Final = tuple(
    IPv6Network(each)
    for each in ("2000::/3", "fc00::/7", "fe80::/10", "::ffff:0:0/96", "64:ff9b::/96")
)


@dataclass(frozen=True)
class Claim:
    """One option."""

    carrier: str
    kind: int
    octets: bytes
    """Its value, without kind and length."""
    meaning: str
    client: Address | None = None
    """None: it names none that can be believed."""
    client_port: int = -1
    """-1: not told."""
    virtual: Address | None = None
    """Address that the client called."""
    virtual_port: int = -1


def claims_of(row: Any) -> Iterator[Claim]:
    """Yield the options of a packet that may name the client, as far as they are whole.

    `row` is a record of CLAIM.
    """
    octets = row["octets"].tobytes()[: row["size"]]
    carrier = CARRIERS[row["carrier"]]
    if carrier == TCP_OPTION:
        for kind, value in _options(octets):
            if may_name_client(kind, len(value) + 2):
                yield of_tcp_option(kind, value)
    elif carrier == IP_PROTOCOL:
        for kind, value in _options(octets[BEHIND : int.from_bytes(octets[2:BEHIND], "big")]):
            yield of_udp_option(carrier, kind, value)
    else:
        for kind, value in islice(_options(octets), 1):
            yield of_udp_option(carrier, kind, value)


def _options(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield kind and value of each option; a malformed one ends them."""
    at = 0
    while at < len(data) and data[at] != END:
        if data[at] == NOTHING:
            at += 1
            continue
        length = data[at + 1] if at + 1 < len(data) else 0
        if length < 2 or at + length > len(data):
            return
        yield data[at], data[at + 2 : at + length]
        at += length


def of_tcp_option(kind: int, value: bytes) -> Claim:
    """Read a TCP option of a kind that balancers name clients in."""
    unknown = Claim(TCP_OPTION, kind, value, UNKNOWN)
    if kind == 28:
        versioned = len(value) == 5 and value[0] in (1, 2)
        address = (
            _address(value[1:] if versioned else value) if versioned or len(value) == 4 else None
        )
        return _named(unknown, CLIENT_ADDRESS, address) if address else unknown
    if kind in EXPERIMENTAL and _number(value, 0) in EXPERIMENTS:
        return Claim(TCP_OPTION, kind, value, EXPERIMENT)
    port = _number(value, 0)
    if kind == 252:
        ends = _address(value[2:6]), _address(value[10:14])
        if len(value) == 18 and port and all(ends) and value[16:] == b"\0\0":
            return _named(unknown, VIRTUAL_TOA, ends[0], port, ends[1], _number(value, 14))
        return unknown
    if len(value) == 14 and kind == 254 and port and value[6:8] == b"\0\0":
        ends = _address(value[2:6]), _address(value[10:14])
        if all(ends):
            return _named(unknown, VIRTUAL_TOA, ends[0], port, ends[1], _number(value, 8))
        return unknown
    address = _address(value[2:]) if len(value) in (2 + FOUR, 2 + SIX) else None
    if not port or address is None or kind not in (77, 200, 250, *EXPERIMENTAL):
        return unknown
    if kind == 250:
        return _named(unknown, VIRTUAL, None, -1, address, port)
    return _named(unknown, TOA, address, port)


def of_udp_option(carrier: str, kind: int, value: bytes) -> Claim:
    """Read an option that DPVS writes before UDP."""
    unknown = Claim(carrier, kind, value, UNKNOWN)
    address = _address(value[2:]) if len(value) in (2 + FOUR, 2 + SIX) else None
    port = _number(value, 0)
    if kind != 31 or not port or address is None:
        return unknown
    return _named(unknown, UOA, address, port)


def _named(
    claim: Claim,
    meaning: str,
    client: Address | None,
    client_port: int = -1,
    virtual: Address | None = None,
    virtual_port: int = -1,
) -> Claim:
    return Claim(
        claim.carrier, claim.kind, claim.octets, meaning, client, client_port, virtual, virtual_port
    )


def _number(value: bytes, at: int) -> int:
    """Return two octets as a number; 0 where they are not there."""
    return int.from_bytes(value[at : at + 2], "big")


def _address(octets: bytes) -> Address | None:
    """Return the address of a host; None: it is none."""
    if len(octets) == FOUR:
        four = IPv4Address(octets)
        return None if any(four in network for network in NO_CLIENTS) else four
    if len(octets) == SIX:
        six = IPv6Address(octets)
        if any(six in network for network in CLIENTS):
            return six.ipv4_mapped or six
    return None
