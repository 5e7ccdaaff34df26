"""The driver: room in the tables, several batches, several files, when to compile."""

import numpy as np
import pytest

from pcapdiag.compiled import Making, waited_s
from pcapdiag.flows import build
from pcapdiag.flows.build import Walker, read_traffic
from pcapdiag.flows.kernel import walk
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


@pytest.mark.usefixtures("home")
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


def compiles(packets: int, coming_bytes: int = 0) -> bool:
    """Tell whether a run that begins now would compile."""
    walker = Walker(None, None, coming_bytes)
    return walker.choose(packets)


def wait_for(packets: int) -> None:
    """Leave behind what a run over so many packets does."""
    walker = Walker(None, None, 0)
    walker.packets = packets
    walker.remember_wait()


@pytest.mark.usefixtures("home")
def test_many_middling_captures_are_worth_compiling_as_a_big_one() -> None:
    runs = 0
    while not compiles(50_000):
        wait_for(50_000)
        runs += 1
        assert runs < 100
    assert 2 < runs < 10
    assert waited_s(walk) * 1_000_000_000 <= build.COMPILE_NS
    assert not compiles(2_000), "nobody waits a minute for a capture of a moment"


@pytest.mark.usefixtures("home")
def test_captures_of_a_moment_are_never_compiled_for() -> None:
    for _ in range(1_000):
        wait_for(2_000)
    assert waited_s(walk) == 0
    assert not compiles(50_000)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("known", "middling", "big"),
    [(Making.NONE, True, True), (Making.UNDER_WAY, False, False), (Making.FAILED, False, True)],
)
def test_what_others_are_making_or_died_of(
    known: Making, middling: bool, big: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for(1_000_000)
    monkeypatch.setattr(build, "making_of", lambda *_asked: known)
    assert compiles(50_000) == middling
    assert compiles(0, coming_bytes=900_000_000) == big


@pytest.mark.usefixtures("home")
def test_code_that_another_run_has_made_is_used_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    there = False
    monkeypatch.setattr(build, "making_of", lambda *_asked: Making.UNDER_WAY)
    monkeypatch.setattr(build, "is_kept", lambda *_asked: there)
    walker = Walker(None, None, 900_000_000)
    assert not walker.choose(100)
    there = True
    walker.packets = build.ASK_AFTER
    assert walker.choose(100)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("wish", [True, False])
def test_a_wish_is_no_wait(wish: bool) -> None:
    walker = Walker(wish, None, 0)
    walker.packets = 1_000_000
    walker.remember_wait()
    assert waited_s(walk) == 0
