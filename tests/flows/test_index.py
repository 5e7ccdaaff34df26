"""The hash index."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.flows.build import new_tables
from pcapdiag.flows.index import MASK, end_digest, mix, slot_of
from pcapdiag.flows.state import SECRET
from tests.flows.stories import SYN, Packet, flows

COLLIDING = [
    (0xC6336400 + host, port)
    for host in range(256)
    for port in range(1024, 1600)
    if slot_of(end_digest([0xC6336400 + host, 0, 0, 0], port, 0), 1 << 12) == 7
]
WORDS = st.lists(st.integers(0, 2**32 - 1), min_size=4, max_size=4)


@given(st.integers(0, MASK), st.integers(0, 2**62 - 1))
def test_digests_are_the_same_with_machine_integers(digest: int, value: int) -> None:
    assert 0 <= mix(digest, value) <= MASK
    assert mix(digest, value) == mix(np.int64(digest), np.int64(value))  # type: ignore[arg-type]


@given(WORDS, st.integers(0, 65535), st.integers(4, 20))
def test_slots_are_within_the_table(words: list[int], port: int, bits: int) -> None:
    assert 0 <= slot_of(end_digest(words, port, 0), 1 << bits) < 1 << bits


def test_digests_spread() -> None:
    digests = {
        end_digest([0xC6336400 + host, 0, 0, 0], port, 0)
        for host in range(64)
        for port in range(64)
    }
    assert len({slot_of(digest, 8192) for digest in digests}) > 3000


@given(st.integers(1, MASK))
def test_end_points_chosen_to_fall_together_do_so_for_one_secret_only(secret: int) -> None:
    def slot(end: tuple[int, int], secret: int) -> int:
        return slot_of(end_digest([end[0], 0, 0, 0], end[1], secret), 1 << 12)

    assert len(COLLIDING) > 15
    assert len({slot(end, 0) for end in COLLIDING}) == 1
    assert len({slot(end, secret) for end in COLLIDING}) > len(COLLIDING) // 2


def test_every_analysis_has_a_secret_of_its_own() -> None:
    assert len({int(new_tables().used[SECRET]) for _ in range(9)}) > 1


def test_many_flows_find_their_records_again() -> None:
    ends = [("198.51.100.7", port, "203.0.113.10", 25) for port in range(2000, 3200)]
    once = [Packet(n, SYN, 100, ends=end) for n, end in enumerate(ends)]
    again = [Packet(9000 + n, SYN, 100, ends=end) for n, end in enumerate(ends)]
    found = flows(once + again)
    assert found["port"][:, 0].tolist() == list(range(2000, 3200))
    assert found["syn_count"].tolist() == [2] * 1200
