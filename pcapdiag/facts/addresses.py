"""Numbers as text: addresses (each distinct one once, in the order of its value), MACs, words, files."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.legs import Address, Ints, address_of
from pcapdiag.flows.result import Traffic

Text = NDArray[np.object_]
"""Strings; unknown is the empty one."""

Columns = dict[str, NDArray[Any]]
"""Name -> values of one table; unknown is -1 in numbers, the empty text in text."""

UNKNOWN = -1
"""Number of the address that is not there."""


@dataclass(frozen=True)
class AddressBook:
    """Numbers are positions in `addresses`, which are sorted: IPv4 first, then by value."""

    addresses: tuple[Address, ...]
    texts: Text
    """One more entry than `addresses`, so that number -1 reads as the empty text."""
    numbers: dict[Address, int]

    def text(self, numbers: Ints) -> Text:
        """Return the addresses as text; unknown ones as empty text."""
        found: Text = self.texts[numbers]
        return found

    def number(self, address: Address) -> int:
        """Return an address's number; -1 when no packet had it."""
        return self.numbers.get(address, UNKNOWN)

    def numbers_of(self, addresses: Sequence[Address]) -> Ints:
        """Return the numbers of those addresses that packets had, sorted."""
        found = {self.numbers[a] for a in addresses if a in self.numbers}
        return np.array(sorted(found), np.int64)

    def network(self, first: int, last: int) -> IPv4Network | IPv6Network | None:
        """Return the smallest network that holds two addresses; None when their families differ."""
        low, high = self.addresses[first], self.addresses[last]
        if low.version != high.version:
            return None
        bits = low.max_prefixlen
        length = bits - (int(low) ^ int(high)).bit_length()
        return ip_network((int(low) >> (bits - length) << (bits - length), length))

    def inside(self, network: IPv4Network | IPv6Network) -> tuple[int, int]:
        """Return the numbers of a network's addresses as a range: from the first, up to the second."""
        keys = [(a.version, int(a)) for a in self.addresses]
        start = (network.version, int(network.network_address))
        stop = (network.version, int(network.broadcast_address))
        below = sum(key < start for key in keys)
        return below, below + sum(start <= key <= stop for key in keys)


@dataclass(frozen=True)
class Numbered:
    """The addresses of the traffic tables as numbers of one book."""

    book: AddressBook
    flow: Ints
    """Shape (flows, 2): initiator and responder."""
    sender: Ints
    """Of the neighbour events; -1: none (a probe)."""
    target: Ints
    icmp: Ints
    """Shape (ICMP events, 5): sender, receiver, gateway, quoted source, quoted destination."""


def number_addresses(traffic: Traffic) -> Numbered:
    """Give every address of the traffic its number."""
    flows, neighbors, icmp = traffic.flows, traffic.neighbors, traffic.icmp
    icmp_fields = [icmp["sender"], icmp["receiver"], icmp["gateway"]]
    icmp_fields += [icmp["quoted"][:, 0], icmp["quoted"][:, 1]]
    parts = [
        (flows["ip_version"], flows["address"][:, 0]),
        (flows["ip_version"], flows["address"][:, 1]),
        (neighbors["ip_version"], neighbors["sender"]),
        (neighbors["ip_version"], neighbors["target"]),
        *((icmp["ip_version"], words) for words in icmp_fields),
    ]
    version = np.concatenate([part[0] for part in parts]).astype(np.int64)
    words = np.concatenate([part[1].reshape(-1, 4) for part in parts]).astype(np.uint64)
    book, numbers = _number(version, words)
    # An address of nothing but zeros is "none" in ARP probes, and in ICMP that quotes nothing.
    optional = np.zeros(len(version), np.bool_)
    optional[2 * len(flows) :] = True
    numbers[optional & ~words.any(axis=1)] = UNKNOWN
    cuts = np.cumsum([len(part[0]) for part in parts])[:-1]
    split = np.split(numbers, cuts)
    return Numbered(
        book=book,
        flow=np.column_stack(split[:2]),
        sender=split[2],
        target=split[3],
        icmp=np.column_stack(split[4:]),
    )


def _number(version: Ints, words: NDArray[Any]) -> tuple[AddressBook, Ints]:
    high = words[:, 0] << np.uint64(32) | words[:, 1]
    low = words[:, 2] << np.uint64(32) | words[:, 3]
    numbers = np.full(len(version), UNKNOWN, np.int64)
    addresses: list[Address] = []
    for family in (4, 6):
        chosen = np.flatnonzero(version == family)
        keys = np.empty(len(chosen), [("high", "u8"), ("low", "u8")])
        keys["high"], keys["low"] = high[chosen], low[chosen]
        # IPv4 lives in one word: sorting plain integers is several times faster.
        plain = keys["high"] if family == 4 else keys
        unique, first, inverse = np.unique(plain, return_index=True, return_inverse=True)
        numbers[chosen] = inverse.reshape(-1) + len(addresses)
        addresses += [address_of(words[chosen[at]], family) for at in first.tolist()]
        del unique
    texts = np.array([*map(str, addresses), ""], dtype=object)
    return AddressBook(tuple(addresses), texts, {a: n for n, a in enumerate(addresses)}), numbers


def mac_texts(macs: NDArray[Any]) -> Text:
    """Return 48-bit numbers as ``02:00:00:00:00:01``; -1 as the empty text."""
    unique, inverse = np.unique(macs, return_inverse=True)
    texts = np.array([*map(mac_text, unique.tolist())], dtype=object)
    found: Text = texts[inverse.reshape(macs.shape)] if len(unique) else np.empty(0, object)
    return found


def mac_text(mac: int) -> str:
    """Return one MAC as text; -1 as the empty text."""
    return "" if mac < 0 else ":".join(f"{mac >> shift & 0xFF:02x}" for shift in range(40, -8, -8))


def words_of(codes: NDArray[Any], words: tuple[str, ...]) -> Text:
    """Return codes as words; -1 as the empty text."""
    found: Text = np.array([*words, ""], dtype=object)[codes]
    return found


def file_texts(traffic: Traffic, files: NDArray[Any]) -> Text:
    """Return indexes of captures as their names; -1 as the empty text."""
    return words_of(files, tuple(capture.name for capture in traffic.captures))
