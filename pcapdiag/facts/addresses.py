"""Numbers as text: addresses (each distinct one once, in the order of its value), MACs, words, files."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Address, Ints
from pcapdiag.flows.result import Traffic

Text = NDArray[np.object_]
"""Strings; unknown is the empty one."""

Columns = dict[str, NDArray[Any]]
"""Name -> values of one table; unknown is -1 in numbers, the empty text in text."""

UNKNOWN = -1
"""Number of the address that is not there."""


@dataclass(frozen=True)
class AddressBook:
    """Numbers are positions in an order of all addresses: IPv4 first, then by value."""

    four: NDArray[np.uint64]
    """Values of the IPv4 addresses, rising; their numbers begin at 0."""
    six: tuple[int, ...]
    """Values of the IPv6 addresses, rising; their numbers follow."""
    texts: Text
    """One entry an address, and one more, so that number -1 reads as the empty text."""

    def __len__(self) -> int:
        return len(self.texts) - 1

    def text(self, numbers: Ints) -> Text:
        """Return the addresses as text; unknown ones as empty text."""
        found: Text = self.texts[numbers]
        return found

    def address(self, number: int) -> Address:
        """Return an address by its number."""
        if number < len(self.four):
            return IPv4Address(int(self.four[number]))
        return IPv6Address(self.six[number - len(self.four)])

    def number(self, address: Address) -> int:
        """Return an address's number; -1 when no packet had it."""
        found = self.numbers_of([address])
        return int(found[0]) if len(found) else UNKNOWN

    def numbers_of(self, addresses: Iterable[Address]) -> Ints:
        """Return the numbers of those addresses that packets had, sorted, each once."""
        wanted = list(addresses)
        four = np.array([int(a) for a in wanted if a.version == 4], np.uint64)
        at = np.searchsorted(self.four, four)
        inside = at < len(self.four)
        inside[inside] = self.four[at[inside]] == four[inside]
        six: list[int] = []
        for value in (int(a) for a in wanted if a.version == 6):
            place = bisect_left(self.six, value)
            if self.six[place : place + 1] == (value,):
                six.append(place + len(self.four))
        return keys.distinct(np.concatenate([at[inside], np.array(six, np.int64)]).astype(np.int64))

    def network(self, first: int, last: int) -> IPv4Network | IPv6Network | None:
        """Return the smallest network that holds two addresses; None when their families differ."""
        low, high = self.address(first), self.address(last)
        if low.version != high.version:
            return None
        bits = low.max_prefixlen
        length = bits - (int(low) ^ int(high)).bit_length()
        return ip_network((int(low) >> (bits - length) << (bits - length), length))

    def inside(self, network: IPv4Network | IPv6Network) -> tuple[int, int]:
        """Return the numbers of a network's addresses as a range: from the first, up to the second."""
        start, stop = int(network.network_address), int(network.broadcast_address)
        if network.version == 4:
            low = np.searchsorted(self.four, np.uint64(start))
            return int(low), int(np.searchsorted(self.four, np.uint64(stop), side="right"))
        before = len(self.four)
        return before + bisect_left(self.six, start), before + bisect_right(self.six, stop)


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
    outer: Ints
    """Shape (flows, 2): ends of the tunnel; -1: none."""


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
        (flows["outer_version"], flows["outer"][:, 0]),
        (flows["outer_version"], flows["outer"][:, 1]),
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
        icmp=np.column_stack(split[4:9]),
        outer=np.column_stack(split[9:]),
    )


def _number(version: Ints, words: NDArray[Any]) -> tuple[AddressBook, Ints]:
    numbers = np.full(len(version), UNKNOWN, np.int64)
    is_four = version == 4
    four, inverse = np.unique(words[is_four, 0], return_inverse=True)
    numbers[is_four] = inverse.reshape(-1)
    rest = np.flatnonzero(version == 6)
    distinct, inverse = np.unique(words[rest], axis=0, return_inverse=True)
    numbers[rest] = inverse.reshape(-1) + len(four)
    six = tuple(int(a) << 96 | int(b) << 64 | int(c) << 32 | int(d) for a, b, c, d in distinct)
    texts = [f"{v >> 24}.{v >> 16 & 255}.{v >> 8 & 255}.{v & 255}" for v in four.tolist()]
    texts += [str(IPv6Address(value)) for value in six]
    return AddressBook(four, six, np.array([*texts, ""], dtype=object)), numbers


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


def as_texts(values: Sequence[str]) -> NDArray[Any]:
    """Return words as a column; "" becomes NULL."""
    return np.array(values, dtype=object)


def as_numbers(values: Sequence[int]) -> Ints:
    """Return whole numbers as a column; -1 becomes NULL."""
    return np.array(values, np.int64)


def file_texts(traffic: Traffic, files: NDArray[Any]) -> Text:
    """Return indexes of captures as their names; -1 as the empty text."""
    return words_of(files, tuple(capture.name for capture in traffic.captures))


def of_record(values: NDArray[Any], records: Ints) -> Ints:
    """Return the values of the records; -1 where the record is -1 or there are none."""
    if not len(values):
        return np.full(len(records), -1, np.int64)
    found: Ints = np.where(records >= 0, values[records], -1).astype(np.int64)
    return found
