"""The driver: room in the tables, several batches, several files, when to compile."""

import numpy as np
import pytest

from pcapdiag.flows import build
from pcapdiag.flows.build import Walker, read_traffic
from pcapdiag.flows.result import Traffic
from tests.flows.stories import SYN, Packet, capture, dialogue, rows, traffic
from tests.flows.test_copies import routed


def same(first: Traffic, second: Traffic) -> bool:
    return all(
        np.array_equal(rows(first, table), rows(second, table))
        for table in ("flows", "events", "neighbors", "icmp")
    )


def test_batches_make_no_difference() -> None:
    packets = routed(dialogue())
    whole = read_traffic([capture(packets)], compiled=False)
    parts = read_traffic([capture(packets, batch=3)], compiled=False)
    unlike = {"first_position", "first_data_position", "position"}
    for table in ("flows", "events"):
        one, other = rows(whole, table), rows(parts, table)
        names = [name for name in one.dtype.fields or () if name not in unlike]
        assert all(np.array_equal(one[name], other[name]) for name in names)


def test_tables_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    roomy = traffic(routed(dialogue()))
    monkeypatch.setattr(build, "FIRST_FLOWS", 1)
    monkeypatch.setattr(build, "FIRST_SLOTS", 4)
    assert same(roomy, traffic(routed(dialogue())))
    ends = [("198.51.100.7", port, "203.0.113.10", 25) for port in range(1000, 3000)]
    found = traffic([Packet(n, SYN, 100, ends=end) for n, end in enumerate(ends)])
    assert len(found.flows) == len(found.events) == 2000
    assert found.flows["flow"].tolist() == list(range(2000))


def test_files_do_not_mix() -> None:
    found = read_traffic([capture(dialogue()), capture(dialogue())], compiled=False)
    assert found.flows["file"].tolist() == [0, 1]
    assert found.flows["flow"].tolist() == [0, 0]
    assert len(found.captures) == 2


def test_an_empty_file() -> None:
    found = read_traffic([capture([])], compiled=False)
    assert (len(found.flows), len(found.events)) == (0, 0)
    assert found.captures[0].undecoded == {}


def test_the_same_twice() -> None:
    assert same(traffic(routed(dialogue())), traffic(routed(dialogue())))


@pytest.mark.parametrize(
    ("cached", "coming_bytes", "packets", "expected"),
    [
        (False, 1_000, 100, False),
        (True, 1_000, 100, False),
        (True, 20_000_000, 100, True),
        (False, 20_000_000, 100, False),
        (False, 900_000_000, 100, True),
        (False, 0, 400_000, True),  # standard input tells nothing beforehand
    ],
)
def test_when_to_compile(
    cached: bool, coming_bytes: int, packets: int, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "is_kept", lambda *_called: cached)
    told: list[str] = []
    walker = Walker(None, lambda text, _done, _of: told.append(text), coming_bytes)
    walker.choose(packets)
    assert walker.is_compiled == expected
    assert bool(told) == (expected and not cached)
