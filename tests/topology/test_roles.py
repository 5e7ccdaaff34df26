"""Roles read off pairs, checks and what the user says."""

from typing import Any

import numpy as np
import pytest

from pcapdiag.flows.legs import legs_of
from pcapdiag.settings import Endpoint, Settings
from pcapdiag.topology import roles, votes
from tests.sessions.table import MS, S, leg, traffic

VIP, SERVER, BALANCER = "192.0.2.10:25", "192.0.2.30:25", "192.0.2.2"


def test_pairs_vote_for_vip_and_server() -> None:
    rows = []
    for n in range(3):
        rows.append(leg(f"198.51.100.{n + 1}:1000", VIP, S + 10 * n * MS))
        rows.append(leg(f"{BALANCER}:{2000 + n}", SERVER, S + (10 * n + 1) * MS))
    legs = legs_of(traffic(*rows).flows, 0)
    front, back = np.array([0, 2, 4]), np.array([1, 3, 5])
    cast = votes.count(legs.endpoint[front], legs.endpoint[back])
    found = roles.from_pairs(legs, front, back, cast)
    assert [str(legs.addresses[e >> 16]) for e in found.vips.tolist()] == ["192.0.2.10"]
    assert [str(legs.addresses[e >> 16]) for e in found.servers.tolist()] == ["192.0.2.30"]
    assert [str(legs.addresses[a]) for a in found.self_addresses.tolist()] == [BALANCER]
    fronts, backs = roles.split(legs, found)
    assert np.flatnonzero(fronts).tolist() == [0, 2, 4]
    assert np.flatnonzero(backs).tolist() == [1, 3, 5]


def test_a_vip_may_be_the_source_of_backs() -> None:
    """A Kemp with transparency off asks its servers from the VIP's own address."""
    front = leg("198.51.100.1:1000", VIP, S)
    back = leg("192.0.2.10:2000", SERVER, S + MS)
    legs = legs_of(traffic(front, back).flows, 0)
    one, two = np.array([0]), np.array([1])
    found = roles.from_pairs(legs, one, two, votes.count(legs.endpoint[one], legs.endpoint[two]))
    fronts, backs = roles.split(legs, found)
    assert (fronts.tolist(), backs.tolist()) == ([True, False], [False, True])


def test_without_pairs_or_checks_nobody_is_a_balancer() -> None:
    legs = legs_of(traffic(leg("198.51.100.1:1000", VIP, S)).flows, 0)
    found = roles.from_checks(legs)
    assert not found.found
    assert roles.split(legs, found)[0].all()


def test_what_the_user_names_comes_first() -> None:
    row = leg("198.51.100.1:1000", VIP, S)
    other = leg(f"{BALANCER}:1000", SERVER, S + MS)
    legs = legs_of(traffic(row, other).flows, 0)
    settings = Settings(
        vips=(Endpoint("192.0.2.10", 25),), servers=("192.0.2.24/29",), balancers=(BALANCER,)
    )
    fronts, backs = roles.split(legs, roles.with_named(roles.nobody(), legs, settings))
    assert (fronts.tolist(), backs.tolist()) == ([True, False], [False, True])


def test_a_name_that_is_no_address_is_refused() -> None:
    legs = legs_of(traffic(leg("198.51.100.1:1000", VIP, S)).flows, 0)
    with pytest.raises(ValueError, match="mail"):
        roles.with_named(roles.nobody(), legs, Settings(servers=("mail",)))


def test_an_answer_without_its_syn_that_is_refused_is_no_leg_and_shows_no_balancer() -> None:
    """A router between client and server sees the stray SYN-ACK pass, and the client's RST."""
    front = leg("198.51.100.1:1000", VIP, S, mac=[[7, 8], [8, 7]])
    stray: dict[str, Any] = {"syn_count": 0, "syn_ack_count": 2, "resets": [2, 0], "bytes": [0, 0]}
    refused = leg(
        "198.51.100.1:2000", SERVER, S + MS, handshake="partial", mac=[[9, 3], [3, 9]], **stray
    )
    legs = legs_of(traffic(front, refused).flows, 0)
    one, two = np.array([0]), np.array([1])
    found = roles.from_pairs(legs, one, two, votes.count(legs.endpoint[one], legs.endpoint[two]))
    assert not found.found
    assert [part.tolist() for part in roles.split(legs, found)] == [[True, False], [False, False]]
    # With its SYN it is a back that the initiator gave up.
    whole = leg(
        "198.51.100.1:2000", SERVER, S + MS, handshake="partial", **(stray | {"syn_count": 1})
    )
    legs = legs_of(traffic(front, whole).flows, 0)
    assert not roles.unasked(legs).any()


def test_a_back_that_began_long_before_its_front_shows_no_balancer() -> None:
    """Captures put together from several days: equal greetings are an accident."""
    front = leg("198.51.100.1:1000", VIP, 9000 * S)
    back = leg(f"{BALANCER}:2000", SERVER, S)
    legs = legs_of(traffic(front, back).flows, 0)
    late, early = np.array([1]), np.array([0])
    cast = votes.count(legs.endpoint[late], legs.endpoint[early])
    assert not roles.from_pairs(legs, late, early, cast).found


def test_what_the_balancer_only_routes_is_in_transit() -> None:
    own, other = leg("192.0.2.30:1000", "203.0.113.9:443", S), leg("198.51.100.1:1000", VIP, S)
    onward = leg("192.0.2.30:1000", "203.0.113.9:443", S + MS)
    onward["mac"][0, 0] = [0xB, 0xF]
    legs = legs_of(traffic(own, other, onward).flows, 0)
    vips = legs.endpoint[legs.column("port", 1) == 25]
    none = np.empty(0, np.int64)
    balancer = roles.Roles(vips, none, none, np.array([0xB]), found=True)
    into, behind = np.array([0, 1]), np.array([2, 2])
    assert roles.transit(legs, balancer, into, behind).tolist() == [0]
    assert not len(roles.transit(legs, roles.nobody(), into, behind))


@pytest.mark.parametrize(
    ("columns", "stray"),
    [
        ({"resets": [1, 0], "packets": [1, 1]}, True),
        ({"syn_ack_count": 5, "packets": [0, 5]}, True),  # repeated, and nobody takes it
        (
            {"syn_ack_count": 1, "packets": [0, 1]},
            False,
        ),  # its SYN may have been before the capture
        ({"syn_ack_count": 5, "packets": [1, 5]}, False),
        ({"syn_ack_count": 5, "packets": [0, 9], "bytes": [0, 700]}, False),  # one direction only
    ],
)
def test_an_answer_that_nobody_asked_for_is_refused_or_never_taken(
    columns: dict[str, Any], stray: bool
) -> None:
    answer: dict[str, Any] = {"syn_count": 0, "syn_ack_count": 1, "bytes": [0, 0], **columns}
    row = leg("198.51.100.1:2000", SERVER, S, handshake="partial", **answer)
    assert roles.unasked(legs_of(traffic(row).flows, 0)).tolist() == [stray]
