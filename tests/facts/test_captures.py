"""What a capture can show and what it hides, counted on stories of a few flows."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcapdiag.facts.captures import one_way_flows
from tests.rules.story import LOCAL, REMOTE, SERVED, SILENT, Story, back


def fact(story: Story, name: str) -> Any:
    ((value,),) = story.tables().query(f"select {name} from capture").rows
    return value


@given(st.booleans(), st.booleans(), st.booleans())
def test_silence_is_one_way_only_where_the_other_side_must_have_spoken(
    out: bool, back_: bool, goes_on: bool
) -> None:
    (found,) = one_way_flows(np.array([[out, back_]]), np.array([goes_on])).tolist()
    if out and back_:
        assert not found
    elif out:
        assert found == goes_on
    else:
        assert found == back_


@pytest.mark.parametrize(("seconds", "syn_count", "pending"), [(1, 1, 1), (1, 3, 0), (10, 1, 0)])
def test_a_syn_is_pending_only_near_the_end(seconds: int, syn_count: int, pending: int) -> None:
    silent = {**SILENT, "syn_count": syn_count}
    story = Story().session(LOCAL, back(**silent), outcome="undetermined", **SERVED)
    assert fact(story.wait(seconds), "pending") == pending


def test_a_connection_without_its_beginning_is_a_late_start() -> None:
    late: dict[str, Any] = {
        "handshake": "not-seen",
        "syn_count": 0,
        "syn_ack_count": 0,
        "syn_ack_ns": -1,
    }
    story = Story().session(LOCAL, back(), **SERVED).session(REMOTE, **SERVED, **late)
    assert (fact(story, "late_starts"), fact(story, "late_starts_later")) == (1, 0)
    story.wait(5).session(REMOTE, **SERVED, **late)
    assert (fact(story, "late_starts"), fact(story, "late_starts_later")) == (2, 1)


def test_what_the_container_does_not_say_is_unknown() -> None:
    story = Story().session(LOCAL, back(), **SERVED)
    assert fact(story, "drops") is None
    story.account = {"drops": 0}
    assert fact(story, "drops") == 0
    assert fact(story, "snaplen") is None


def test_only_headers_that_could_not_be_read_are_unreadable() -> None:
    story = Story().session(LOCAL, back(), **SERVED)
    story.undecoded = {"udp": 7, "ethertype 0x88cc": 2, "ipv4 truncated": 3, "link type 105": 4}
    assert fact(story, "unreadable") == 7


def test_fronts_and_backs_are_counted_without_health_checks() -> None:
    story = Story().session(LOCAL, back(), **SERVED).session(REMOTE, mode="none", **SERVED)
    story.check(back()).check(back())
    names = "fronts, fronts_served, fronts_with_back, backs, backs_without_front, health_checks"
    assert story.tables().query(f"select {names} from capture").rows == [(2, 2, 1, 1, 0, 2)]


def test_who_is_redirected_or_denied_without_a_server_is_turned_away() -> None:
    story = Story()
    for status in (200, 302, 403, 503, -1):
        story.session(REMOTE, mode="none", **SERVED, http_status=status)
    story.session(REMOTE, back(), **SERVED, http_status=302)
    assert fact(story, "fronts_turned_away") == 2
