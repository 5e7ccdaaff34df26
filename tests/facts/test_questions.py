"""A server's ARP request counts when it follows a forwarded SYN more closely than accident would."""

from typing import Any

import pytest

from tests.rules.story import (
    BALANCER,
    LOCAL,
    MACS,
    OTHER_SERVER,
    REMOTE,
    ROUTER,
    SERVER,
    SILENT,
    VIP,
    Story,
    arp,
    back,
    kept,
)
from tests.sessions.table import MS, S

FAILS: dict[str, Any] = {"mode": "transparent", "outcome": "failed"}


def asked(story: Story) -> list[tuple[Any, ...]]:
    statement = "select server, target, role, requests, after_ns, chance from question order by all"
    return story.tables().query(statement).rows


def test_request_right_after_a_forwarded_syn() -> None:
    story = Story().session(REMOTE, kept(**SILENT), **FAILS).asks(SERVER, ROUTER, 19_000).wait(10)
    ((server, target, role, requests, after, chance),) = asked(story)
    assert (server, target, role, requests, after) == (SERVER, ROUTER, "other", 1, 19_000)
    assert 0 < chance < 0.001


@pytest.mark.parametrize(
    ("target", "role"),
    [(BALANCER, "balancer"), (VIP, "balancer"), (REMOTE, "client"), (OTHER_SERVER, "server")],
)
def test_roles_of_what_is_asked_for(target: str, role: str) -> None:
    story = Story().session(REMOTE, kept(**SILENT), **FAILS).asks(SERVER, target, 9_000).wait(9)
    assert asked(story)[0][2] == role


def test_request_without_a_syn_before_it_proves_nothing() -> None:
    story = Story().asks(SERVER, ROUTER).wait(1).session(REMOTE, kept(**SILENT), **FAILS).wait(9)
    assert asked(story) == [(SERVER, ROUTER, "other", 1, None, None)]


def test_request_explained_by_the_balancers_own_syn() -> None:
    story = Story().session(REMOTE, kept(**SILENT), **FAILS).session(LOCAL, back())
    assert asked(story.asks(SERVER, ROUTER, 10_000).wait(9))[0][4] is None


def test_request_of_the_other_server_is_its_own() -> None:
    story = Story().session(REMOTE, kept(SERVER, **SILENT), **FAILS)
    assert asked(story.asks(OTHER_SERVER, ROUTER, 10_000).wait(9))[0][4] is None


def test_request_for_another_client_is_not_for_this_one() -> None:
    story = Story().session(LOCAL, kept(**SILENT), **FAILS).asks(SERVER, LOCAL, 9_000)
    story.session(REMOTE, kept(**SILENT), **FAILS).wait(9)
    rows = story.tables().query("select source, client_asked_frame from back order by 1").rows
    assert rows == [(LOCAL, 500), (REMOTE, None)]


def test_unicast_refresh_is_no_question() -> None:
    story = Story().session(REMOTE, kept(**SILENT), **FAILS).wait(9)
    story.neighbors.append(arp("arp-request", SERVER, ROUTER, S + 2 * MS, False))
    assert asked(story) == []


def test_chance_grows_with_delay_and_number_of_requests() -> None:
    def chance(after_ns: int, more: int = 0) -> float:
        story = Story().session(REMOTE, kept(**SILENT), **FAILS).asks(SERVER, ROUTER, after_ns)
        for _ in range(more):
            story.wait(5).neighbors.append(arp("arp-request", SERVER, ROUTER, story.clock, True))
        return float(asked(story.wait(60 - 5 * more))[0][5])

    assert chance(10_000) < chance(1 * MS) < chance(500 * MS)
    assert chance(1 * MS) < chance(1 * MS, more=5)


def test_link_local_solicitation_is_told_by_its_mac() -> None:
    import numpy as np

    from pcapdiag.flows.events import NEIGHBOR_KINDS
    from tests.sessions.table import words

    server, client = "2001:db8:2::74", "2001:db8:9::40"
    story = Story()
    row = kept(**SILENT)
    row["ip_version"], row["address"][0, 1] = 6, words(server)
    story.session(client, row, vip="2001:db8:2::173:25", ip_version=6, **FAILS)
    solicit = NEIGHBOR_KINDS.index("neighbor-solicitation")
    for sender, target, at in ((server, "2001:db8:2::173", -5 * MS), ("fe80::74", "fe80::1", MS)):
        event = arp("arp-request", SERVER, ROUTER, S + MS + at, True)
        event["kind"], event["ip_version"] = solicit, 6
        event["sender"], event["target"] = words(sender), words(target)
        event["sender_mac"] = MACS[SERVER]
        story.neighbors.append(event)
    from dataclasses import replace
    from ipaddress import ip_address

    from pcapdiag.facts import build
    from pcapdiag.settings import Settings
    from pcapdiag.topology.model import Role

    roles = (Role(ip_address(server), 25, ""),)
    topology = replace(story.wait(9).topology(), servers=roles)
    tables = build(story.traffic(), topology, story.sessions, Settings())
    rows = tables.query("select server, target, after_ns from question where after_ns > 0").rows
    assert rows == [(server, "fe80::1", MS)]
    assert np.all(story.traffic().neighbors["ip_version"] == 6)


def test_router_taken_for_the_balancer_is_told_by_its_answers() -> None:
    from dataclasses import replace
    from ipaddress import ip_address

    from pcapdiag.facts import build
    from pcapdiag.settings import Settings
    from pcapdiag.topology.model import Role

    def role(mac: int) -> str:
        row = kept(mac=[[MACS[BALANCER], -1], [-1, -1]], **SILENT)
        story = Story().session(REMOTE, row, **FAILS).asks(SERVER, ROUTER, 19_000).wait(9)
        story.claims(ROUTER, mac)
        wrong = Role(ip_address(ROUTER), None, "")
        topology = story.topology()
        topology = replace(topology, balancers=(*topology.balancers, wrong))
        tables = build(story.traffic(), topology, story.sessions, Settings())
        return str(tables.query("select role from question").rows[0][0])

    assert role(MACS[ROUTER]) == "other"
    assert role(MACS[BALANCER]) == "balancer"
    assert role(0x00005E000101) == "balancer"  # a redundant pair's own


def test_answer_without_its_syn_says_nothing_about_the_connection() -> None:
    story = Story().session(
        REMOTE,
        kept(handshake="partial", syn_count=0, syn_ns=-1, last_syn_ns=-1, bytes=[0, 0]),
        mode="unknown",
        outcome="undetermined",
    )
    tables = story.tables()
    assert tables.query("select result from back").rows == [(None,)]
    assert tables.query("select sum(client_answered) from server").rows == [(0,)]
