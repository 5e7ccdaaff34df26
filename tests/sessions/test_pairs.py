"""Whole pairings on flow tables written by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pcapdiag.sessions.pairs import Pairs, pair_file
from pcapdiag.settings import Settings
from tests.sessions.table import MS, S, leg, traffic

VIP, BALANCER, SERVER = "192.0.2.10:25", "192.0.2.2", "192.0.2.30:25"


def ends(found: Pairs, which: str) -> list[int]:
    """Return the initiators' ports of the paired fronts or backs."""
    port = found.legs.flow["port"][:, 0]
    return [int(p) for p in port[getattr(found, which)]]


@limits(deadline=None, max_examples=30)
@given(
    st.lists(st.integers(0, 400), min_size=3, max_size=25, unique=True),
)
def test_source_nat_pairs_by_stream_and_time(starts: list[int]) -> None:
    rows = []
    for number, start in enumerate(sorted(starts)):
        begin = S + start * MS
        told: dict[str, Any] = {
            "prefix_length": [30, 40],
            "prefix_end": [1000 + number, 7],
            "bytes": [30, 40],
        }
        front = leg(f"198.51.100.{number + 1}:{10000 + number}", VIP, begin, **told)
        front["link_direction"] = [0, 4]
        back = leg(f"{BALANCER}:{20000 + number}", SERVER, begin + 200_000, **told)
        back["link_direction"] = [4, 0]
        rows += [front, back]
    found = pair_file(traffic(*rows), 0, Settings())
    got = set(zip(ends(found, "front"), ends(found, "back"), strict=True))
    assert got == {(10000 + n, 20000 + n) for n in range(len(starts))}
    assert (found.confidence > 0.9).all()


def test_transparent_backs_without_an_answer_pair_by_address_and_time() -> None:
    rows = []
    for number in range(4):
        begin = S + number * 50 * MS
        client = f"198.51.100.{number + 1}"
        front = leg(f"{client}:1000{number}", VIP, begin, life_ns=6 * S)
        back = leg(
            f"{client}:2000{number}", SERVER, begin + 150_000, handshake="unanswered", life_ns=3 * S
        )
        front["mac"][0, 0], back["mac"][0, 0] = [0xA, 0xB], [0xB, 0xC]
        rows += [front, back]
    found = pair_file(traffic(*rows), 0, Settings())
    got = set(zip(ends(found, "front"), ends(found, "back"), strict=True))
    assert got == {(10000 + n, 20000 + n) for n in range(4)}


def test_a_browser_that_opens_two_services_is_no_balancer() -> None:
    one = leg("198.51.100.1:1000", "203.0.113.1:443", S)
    two = leg("198.51.100.1:1001", "203.0.113.2:443", S + MS)
    for row in (one, two):
        row["mac"][0, 0] = [0xA, 0xB]
    found = pair_file(traffic(one, two), 0, Settings())
    assert not found.roles.found
    assert not len(found.front)
    assert found.fronts.all()


def test_equal_sequence_numbers_pair_a_nat_balancer_before_any_data() -> None:
    rows = []
    for number in range(5):
        begin = S + number * MS
        isn = [123_456 + number, -1]
        rows.append(
            leg(f"198.51.100.9:{3000 + number}", VIP, begin, isn=isn, handshake="unanswered")
        )
        rows.append(
            leg(f"{BALANCER}:{4000 + number}", SERVER, begin + 50, isn=isn, handshake="unanswered")
        )
    found = pair_file(traffic(*rows), 0, Settings())
    got = set(zip(ends(found, "front"), ends(found, "back"), strict=True))
    assert got == {(3000 + n, 4000 + n) for n in range(5)}


def test_retries_on_a_closed_server_join_their_session() -> None:
    rows = []
    for number in range(3):
        begin = S + (number * number * 91 + number * 60) * MS
        told: dict[str, Any] = {"prefix_length": [0, 0]}
        front = leg(
            f"198.51.100.{number + 1}:{1000 + number}", VIP, begin, life_ns=1002 * MS, **told
        )
        front["link_direction"] = [0, 4]
        rows.append(front)
        for attempt in range(2):
            at = begin + 200_000 + attempt * (1000 * MS + 10_000)
            back = leg(
                f"{BALANCER}:{2000 + 10 * number + attempt}", SERVER, at, handshake="refused"
            )
            back["link_direction"] = [4, 0]
            rows.append(back)
    found = pair_file(traffic(*rows), 0, Settings())
    got = set(zip(ends(found, "front"), ends(found, "back"), strict=True))
    assert got == {(1000 + n, 2000 + 10 * n + a) for n in range(3) for a in range(2)}


@pytest.mark.parametrize("shift", [0, 7 * S, 10**18])
def test_the_clock_does_not_matter(shift: int) -> None:
    rows = []
    for number in range(6):
        begin = S + number * 3 * MS + shift
        told: dict[str, Any] = {"prefix_length": [20, 0], "prefix_end": [50 + number, -1]}
        rows.append(leg(f"198.51.100.7:{1000 + number}", VIP, begin, **told))
        rows.append(leg(f"{BALANCER}:{2000 + number}", SERVER, begin + 200_000, **told))
    found = pair_file(traffic(*rows), 0, Settings())
    assert np.array_equal(
        np.array(ends(found, "back")) - np.array(ends(found, "front")), [1000] * 6
    )
