"""Addresses keep their text, their order and their networks."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pcapdiag.facts.addresses import AddressBook, mac_text, mac_texts, number_addresses
from pcapdiag.flows.events import ICMP, NEIGHBOR
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import FLOW, FlowTable
from tests.sessions.table import words

ADDRESSES = st.one_of(
    st.integers(0, 2**32 - 1).map(IPv4Address), st.integers(0, 2**128 - 1).map(IPv6Address)
)
PAIRS = st.one_of(
    st.tuples(*[st.integers(0, 2**32 - 1).map(IPv4Address)] * 2),
    st.tuples(*[st.integers(0, 2**128 - 1).map(IPv6Address)] * 2),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PAIRS, min_size=1, max_size=12))
def test_numbers_read_back_as_the_addresses(pairs: list[tuple[IPv4Address, IPv4Address]]) -> None:
    flows = np.zeros(len(pairs), FLOW)
    for row, (first, second) in zip(flows, pairs, strict=True):
        row["ip_version"] = first.version
        row["address"] = [words(str(first)), words(str(second))]
    empty = (np.zeros(0, NEIGHBOR), np.zeros(0, ICMP))
    traffic = Traffic(FlowTable(flows), np.zeros(0, "i8"), empty[0], empty[1], ())
    numbered = number_addresses(traffic)
    assert numbered.book.text(numbered.flow).tolist() == [[str(a), str(b)] for a, b in pairs]
    book = numbered.book
    known = [book.address(number) for number in range(len(book))]
    assert [(a.version, int(a)) for a in known] == sorted({(a.version, int(a)) for a in known})
    assert [book.number(a) for a in known] == list(range(len(book)))
    assert book.numbers_of(known[::-2]).tolist() == sorted(range(len(book))[::-2])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 2**32 - 1).map(IPv4Address), min_size=1, max_size=8, unique=True))
def test_network_is_the_smallest_that_holds_all(addresses: list[IPv4Address]) -> None:
    book = book_of(*addresses)
    network = book.network(0, len(book) - 1)
    assert network is not None
    assert all(address in network for address in addresses)
    if network.prefixlen < 32:
        assert not any(all(a in half for a in addresses) for half in network.subnets())
    first, end = book.inside(network)
    assert (first, end) == (0, len(addresses))


def test_networks_do_not_mix_families() -> None:
    book = book_of(ip_address("192.0.2.1"), ip_address("2001:db8::1"))
    assert book.network(0, 1) is None
    assert book.inside(ip_network("2001:db8::/32")) == (1, 2)


def book_of(*addresses: IPv4Address | IPv6Address) -> AddressBook:
    ordered = sorted(addresses, key=lambda a: (a.version, int(a)))
    four = np.array([int(a) for a in ordered if a.version == 4], np.uint64)
    six = tuple(int(a) for a in ordered if a.version == 6)
    return AddressBook(four, six, np.array([*map(str, ordered), ""], dtype=object))


def test_unknown_reads_as_nothing() -> None:
    book = book_of(ip_address("192.0.2.1"))
    assert book.text(np.array([0, -1])).tolist() == ["192.0.2.1", ""]
    assert book.number(ip_address("192.0.2.2")) == -1
    assert mac_text(0x0000_5E00_5301) == "00:00:5e:00:53:01"
    assert mac_text(-1) == ""


def test_macs_are_written_with_colons() -> None:
    macs = np.array([[0x020000020174, -1], [1, 0xFFFFFFFFFFFF]])
    assert mac_texts(macs).tolist() == [
        ["02:00:00:02:01:74", ""],
        ["00:00:00:00:00:01", "ff:ff:ff:ff:ff:ff"],
    ]
