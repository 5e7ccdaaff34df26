"""Pictures: which sessions, who is in them, and what did not come."""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.flows.events import EVENT, EVENT_KINDS, NEIGHBOR
from pcapdiag.flows.result import Traffic
from pcapdiag.report.model import Finding, FrameCitation, Picture
from pcapdiag.report.pictures import MOST_ARROWS, pictures
from pcapdiag.rules import load
from pcapdiag.sessions.model import Back, Session
from pcapdiag.topology.model import Role, Topology
from tests.report.stories import LEADING
from tests.sessions.table import MS, S, leg, traffic, words

CLIENT, VIP, SERVER, ROUTER = "198.51.100.1", "192.0.2.10", "192.0.2.30", "192.0.2.1"
NOBODY = Topology((), (), (), (), frozenset(), frozenset(), frozenset(), frozenset())


def event(record: int, kind: str, frame: int, direction: int = 0) -> NDArray[Any]:
    row = np.zeros(1, EVENT)
    row["kind"], row["record"], row["direction"] = EVENT_KINDS.index(kind), record, direction
    row["frame"], row["time_ns"], row["position"] = frame, S + frame * MS, -1
    return row


def who_has(sender: str, target: str, frame: int) -> NDArray[Any]:
    row = np.zeros(1, NEIGHBOR)
    row["frame"], row["time_ns"], row["ip_version"] = frame, S + frame * MS, 4
    row["sender"][0], row["target"][0] = words(sender), words(target)
    return row


def failing(asked: str | None = ROUTER) -> Traffic:
    """Return one session whose forwarded SYN gets no answer, and one that works."""
    found = traffic(
        leg(f"{CLIENT}:1000", f"{VIP}:25", S),
        leg(f"{CLIENT}:1000", f"{SERVER}:25", S + MS, handshake="unanswered"),
        leg("192.0.2.40:1000", f"{VIP}:25", S + 50 * MS),
        leg(f"{VIP}:2000", f"{SERVER}:25", S + 51 * MS),
        events=np.concatenate(
            [
                event(0, "syn", 1),
                event(0, "syn-ack", 2, 1),
                event(1, "syn", 3),
                event(1, "syn", 10),
                event(2, "syn", 60),
                event(3, "syn", 61),
                event(3, "syn-ack", 62, 1),
            ]
        ),
    )
    neighbors = who_has(SERVER, asked, 4) if asked else np.zeros(0, NEIGHBOR)
    return replace(found, neighbors=neighbors)


SESSIONS = [
    Session(1, 0, (Back(1, 1.0, ("kept-client",)),), "transparent", "failed"),
    Session(2, 2, (Back(3, 1.0, ("time",)),), "snat", "ok"),
]
TOPOLOGY = replace(NOBODY, balancers=(Role(ip_address(VIP), None, "it is a VIP"),))


PATHS = {rule.id: rule.answer_path for rule in load()}


def finding(rule: str, frames: tuple[FrameCitation, ...] = ()) -> Finding:
    path = PATHS.get(rule, ())
    return replace(LEADING, rule=rule, sessions=(1,), frames=frames, answer_path=path)


def drawn(found: Traffic, *findings: Finding) -> tuple[Picture, ...]:
    return pictures(found, TOPOLOGY, SESSIONS, findings, ["lb.pcap"])


def arrows(picture: Picture) -> list[tuple[str, str, str, bool]]:
    return [(a.source, a.destination, a.label, a.seen) for a in picture.arrows]


def test_the_answer_that_takes_the_gateway() -> None:
    bad, good = drawn(failing(), finding("return-path-bypasses-balancer"))
    assert arrows(bad) == [
        ("client", "balancer", "SYN", True),
        ("balancer", "client", "SYN-ACK", True),
        ("balancer", "server", "SYN", True),
        ("server", "gateway", f"ARP who-has {ROUTER}?", True),
        ("server", "gateway", "SYN-ACK", False),
        ("gateway", "client", "SYN-ACK", False),
        ("balancer", "server", "SYN again", True),
    ]
    assert [(a.name, a.addresses) for a in bad.actors] == [
        ("client", (CLIENT,)),
        ("balancer", (f"{VIP}:25",)),
        ("server", (f"{SERVER}:25",)),
        ("gateway", (ROUTER,)),
    ]
    assert (bad.works, good.works, good.session) == (False, True, 2)
    assert arrows(good)[-1] == ("server", "balancer", "SYN-ACK", True)


def test_unseen_arrows_have_neither_frame_nor_time() -> None:
    bad = drawn(failing(), finding("return-path-bypasses-balancer"))[0]
    unseen = [a for a in bad.arrows if not a.seen]
    assert unseen
    assert all(a.frame is None and a.offset_ns is None for a in unseen)
    assert [a.number for a in bad.arrows] == list(range(1, len(bad.arrows) + 1))


def test_without_a_known_way_no_answer_is_drawn() -> None:
    for found in (), (finding("back-syn-unanswered"),):
        bad = drawn(failing(asked=None), *found)[0]
        assert all(arrow.seen for arrow in bad.arrows)
        assert bad.arrows[-1].note == "no answer in this capture"
        assert "gateway" not in {actor.name for actor in bad.actors}


def test_backs_to_one_server_end_at_one_actor() -> None:
    found = traffic(
        leg(f"{CLIENT}:1000", f"{VIP}:25", S),
        leg(f"{VIP}:2000", f"{SERVER}:25", S + MS),
        leg(f"{VIP}:2001", f"{SERVER}:25", S + 2 * MS),
        leg(f"{VIP}:2002", f"{ROUTER}:25", S + 3 * MS),
        events=np.concatenate([event(n, "syn", n + 1) for n in range(4)]),
    )
    backs = tuple(Back(n, 1.0, ("time",)) for n in (1, 2, 3))
    (picture,) = pictures(found, TOPOLOGY, [Session(1, 0, backs, "snat", "ok")], (), ["a"])
    servers = [(a.name, a.addresses) for a in picture.actors if a.role == "server"]
    assert servers == [("server", (f"{SERVER}:25",)), ("server 2", (f"{ROUTER}:25",))]


def test_a_connection_of_several_sessions_shows_what_passed_while_this_one_was_open() -> None:
    found = traffic(
        leg(f"{CLIENT}:1000", f"{VIP}:25", S),
        leg(f"{VIP}:2000", f"{SERVER}:25", S + MS),
        leg("192.0.2.40:1000", f"{VIP}:25", S + 500 * MS),
        events=np.concatenate(
            [event(0, "syn", 0), event(1, "syn", 2), event(1, "syn", 40), event(1, "reset", 900)]
        ),
    )
    found.flows.records["last_ns"][0] = S + 100 * MS
    shared = (Back(1, 1.0, ("content",)),)
    both = [Session(1, 0, shared, "snat", "ok"), Session(2, 2, shared, "snat", "ok")]
    (picture,) = pictures(found, TOPOLOGY, both, (), ["a"])
    to_server = [a for a in picture.arrows if a.destination == "server"]
    assert [a.frame for a in to_server] == [2, 40]
    assert to_server[0].note.endswith(", shared")


def test_the_answer_to_an_on_link_client_goes_straight() -> None:
    bad = drawn(failing(asked=CLIENT), finding("server-answers-client-directly"))[0]
    assert ("server", "client", f"ARP who-has {CLIENT}?", True) in arrows(bad)
    assert ("server", "client", "SYN-ACK", False) in arrows(bad)


def test_a_server_that_asks_for_the_balancer_shows_it() -> None:
    bad = drawn(failing(asked=VIP), finding("back-syn-unanswered"))[0]
    assert ("server", "balancer", f"ARP who-has {VIP}?", True) in arrows(bad)


def test_a_healthy_capture_has_one_picture() -> None:
    found = pictures(failing(), TOPOLOGY, SESSIONS[1:], (), ["lb.pcap"])
    assert [(p.session, p.works) for p in found] == [(2, True)]
    assert pictures(failing(), TOPOLOGY, [], (), ["lb.pcap"]) == ()


def test_a_long_session_keeps_its_beginning_and_its_end() -> None:
    events = [
        event(0, "fin" if n == 40 else "reset" if n % 2 else "syn", n, n % 2) for n in range(41)
    ]
    kinds = [event(0, "turn", n, n % 2) for n in range(100, 140)]
    found = traffic(leg(f"{CLIENT}:1000", f"{VIP}:25", S), events=np.concatenate(events + kinds))
    (picture,) = pictures(found, NOBODY, [Session(1, 0, (), "none", "failed")], (), ["a"])
    assert len(picture.arrows) <= MOST_ARROWS
    frames = [a.frame for a in picture.arrows]
    assert frames[0] == 0


def test_who_is_called_where_no_balancer_was_seen_is_a_service() -> None:
    found = traffic(leg(f"{CLIENT}:1000", f"{VIP}:25", S), events=event(0, "syn", 1))
    for topology, name in ((NOBODY, "service"), (TOPOLOGY, "balancer")):
        sessions = [Session(1, 0, (), "none", "failed")]
        (picture,) = pictures(found, topology, sessions, (), ["a"])
        assert [(actor.name, actor.role) for actor in picture.actors][1] == (name, "balancer")
        assert {arrow.destination for arrow in picture.arrows} == {name}


def test_every_arrow_has_its_actors() -> None:
    for rule in ("return-path-bypasses-balancer", "server-answers-client-directly", "other"):
        for picture in drawn(failing(), finding(rule)):
            names = {actor.name for actor in picture.actors}
            assert {a.source for a in picture.arrows} | {
                a.destination for a in picture.arrows
            } <= names
