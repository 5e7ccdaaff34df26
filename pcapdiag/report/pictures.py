"""Pictures of one failing and one working session: who talks to whom, packet by packet.

Formats draw them; here is decided which actors and which arrows.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from pcapdiag.flows import keys
from pcapdiag.flows.legs import Address, address_of
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import HANDSHAKES
from pcapdiag.report.examples import ASKING, failing, working
from pcapdiag.report.model import Actor, Arrow, Finding, Picture
from pcapdiag.report.steps import Step, fold, leg_steps
from pcapdiag.report.words import endpoint
from pcapdiag.sessions.model import ONE_WAY, Session, Sessions, columns_of
from pcapdiag.topology.model import Topology

MOST_ARROWS: Final = 24
LAST_ARROWS: Final = 6
"""Of these, how many are kept for the end of a session that has more."""

MOST_BACKS: Final = 3
NEIGHBOR_WINDOW_NS: Final = 1_500_000_000
"""A server that resolves its next hop to answer a SYN asks at once and repeats after a second."""

CALLED: Final = "balancer", "service"
"""Names of whom clients call."""
NO_ANSWER: Final = "no answer in this capture"

UNANSWERED: Final = HANDSHAKES.index("unanswered")


@dataclass(frozen=True)
class _Leg:
    """A leg's record with the names of its ends."""

    record: int
    initiator: str
    responder: str
    shared: bool = False
    """Other sessions use this connection, too."""


def pictures(
    traffic: Traffic,
    topology: Topology,
    sessions: Sequence[Session],
    findings: Sequence[Finding],
    files: Sequence[str],
) -> tuple[Picture, ...]:
    """Return the picture of a failing session, then of a working one, where there are such."""
    finding = next((f for f in findings if f.severity in ("error", "warning")), None)
    columns = columns_of(sessions)
    bad = failing(traffic, columns, finding, files)
    good = working(traffic, columns, bad)
    drawn = [(bad, finding.answer_path if finding else ()), (good, ())]
    return tuple(
        _picture(
            traffic, topology, session, _legs(traffic, columns, topology, session), path, files
        )
        for session, path in drawn
        if session is not None
    )


def _picture(
    traffic: Traffic,
    topology: Topology,
    session: Session,
    legs: Sequence[_Leg],
    path: tuple[str, ...],
    files: Sequence[str],
) -> Picture:
    steps = [step for leg in legs for step in _steps(traffic, session, leg)]
    asked, hops = _neighbor_steps(traffic, topology, session, legs)
    steps += asked
    steps += _unseen(traffic, session, legs, steps, path, files)
    steps.sort(key=lambda step: step.order)
    used = {name for step in steps for name in (step.source, step.destination)}
    works = session.outcome == "ok"
    return Picture(
        title=_title(traffic, session),
        session=session.id,
        works=works,
        actors=_actors(traffic, topology, session, legs, used, hops),
        arrows=_arrows(steps),
    )


def _legs(traffic: Traffic, sessions: Sessions, topology: Topology, session: Session) -> list[_Leg]:
    """Name the ends of a session's legs; backs to one server and port end at one actor."""
    # Under DSR and routing both legs are one flow; the packets to the client never come back by them.
    legs = [_front(traffic, topology, session)] if session.front >= 0 else []
    names = dict[str, str]()
    for back in session.backs[:MOST_BACKS]:
        server = _responder_text(traffic, back.record)
        name = names.setdefault(server, f"server {len(names) + 1}" if names else "server")
        shared = np.count_nonzero(sessions.back == back.record) > 1
        legs.append(_Leg(back.record, "balancer", name, bool(shared)))
    return legs


def _front(traffic: Traffic, topology: Topology, session: Session) -> _Leg:
    """Name the ends of a front; in a real server's own capture it is the server that is called.

    Where no balancer was seen at work, who is called may be either: it is a service.
    """
    record = session.front
    called = (_responder(traffic, record), int(traffic.flows["port"][record][1]))
    if called not in {(role.address, role.port) for role in topology.servers}:
        return _Leg(
            record, "client", "balancer" if topology.balancers or session.backs else "service"
        )
    own = _initiator(traffic, record) in {role.address for role in topology.balancers}
    return _Leg(record, "balancer" if own else "client", "server")


def _steps(traffic: Traffic, session: Session, leg: _Leg) -> list[Step]:
    """Return a leg's steps; the first tells the addresses, the last SYN that nothing answered it."""
    steps = leg_steps(traffic, leg.record, leg.initiator, leg.responder)
    if leg.shared and session.front >= 0:
        front = traffic.flows.records[session.front]
        steps = [step for step in steps if front["first_ns"] <= step.time_ns <= front["last_ns"]]
    if not steps:
        return steps
    note = _ends_text(traffic, leg.record)
    steps[0] = replace(steps[0], note=f"{note}, shared" if leg.shared else note)
    if session.mode not in ONE_WAY and traffic.flows["handshake"][leg.record] == UNANSWERED:
        if len(steps) > 1:
            steps[-1] = replace(steps[-1], note=NO_ANSWER)
        else:
            steps[0] = replace(steps[0], note=f"{note}: {NO_ANSWER}")
    return steps


def _neighbor_steps(
    traffic: Traffic, topology: Topology, session: Session, legs: Sequence[_Leg]
) -> tuple[list[Step], tuple[str, ...]]:
    """Return the servers' questions for their next hop after the SYN, and the routers asked for."""
    client = _initiator(traffic, session.front) if session.front >= 0 else None
    own = {role.address for role in (*topology.balancers, *topology.vips)}
    steps, hops = list[Step](), list[str]()
    rows = traffic.neighbors
    for leg in legs:
        if leg.initiator != "balancer":
            continue
        start = _first_ns(traffic, leg.record)
        near = keys.among(rows["kind"], ASKING) & (
            rows["file"] == traffic.flows["file"][leg.record]
        )
        near &= (rows["time_ns"] >= start) & (rows["time_ns"] <= start + NEIGHBOR_WINDOW_NS)
        answered = int(traffic.flows["syn_ack_ns"][leg.record])
        if answered >= 0:  # A question after the answer was asked for another connection.
            near &= rows["time_ns"] <= answered
        for row in rows[near]:
            version = int(row["ip_version"])
            if address_of(row["sender"], version) != _responder(traffic, leg.record):
                continue
            target = address_of(row["target"], version)
            to = "client" if target == client else "balancer" if target in own else "gateway"
            if to == "gateway":
                hops.append(str(target))
            word = "ARP" if version == 4 else "ND"
            label = f"{word} who-has {target}?"
            seen = any(step.label == label for step in steps)
            steps.append(
                Step(
                    int(row["time_ns"]),
                    int(row["frame"]),
                    leg.responder,
                    to,
                    f"{label[:-1]} again" if seen else label,
                )
            )
    return fold(steps), tuple(dict.fromkeys(hops))


def _unseen(
    traffic: Traffic,
    session: Session,
    legs: Sequence[_Leg],
    steps: Sequence[Step],
    path: tuple[str, ...],
    files: Sequence[str],
) -> list[Step]:
    """Return the servers' answers that pass elsewhere, where it is known which way."""
    path = ("server", "client") if session.mode in ONE_WAY else path
    missing = list[Step]()
    for leg in legs:
        if leg.initiator != "balancer" or not path:
            continue
        if traffic.flows["handshake"][leg.record] != UNANSWERED:
            continue
        # Right after the server asked for its next hop, else after the first SYN.
        own = [s for s in steps if leg.responder in (s.source, s.destination)]
        asked = [s for s in own if s.source == leg.responder] or own[:1]
        at = asked[0].time_ns if asked else _first_ns(traffic, leg.record)
        frame = asked[0].frame if asked else None
        note = _seen_elsewhere(traffic, leg.record, files) or "not in this capture"
        if session.mode in ONE_WAY:
            note = "the server answers past the balancer"
        stops = (leg.responder, *path[1:])
        missing += [
            Step(at, frame, source, to, "SYN-ACK", note if n == 1 else "", after=n)
            for n, (source, to) in enumerate(itertools.pairwise(stops), 1)
        ]
    return missing


def _seen_elsewhere(traffic: Traffic, record: int, files: Sequence[str]) -> str:
    """Return where another capture shows the SYN-ACK of this connection; empty: none does."""
    flows = traffic.flows
    flow = flows.records[record]
    same = (flows["isn"][:, 0] == flow["isn"][0]) & (flows["syn_ack_frame"] >= 0)
    same &= (flows["address"] == flow["address"]).all(axis=(1, 2))
    same &= (flows["port"] == flow["port"]).all(axis=1) & (flows["file"] != flow["file"])
    found = flows.records[same]
    if flow["isn"][0] < 0 or not len(found):
        return ""
    return f"frame {int(found['syn_ack_frame'][0])} of {files[int(found['file'][0])]}"


def _actors(
    traffic: Traffic,
    topology: Topology,
    session: Session,
    legs: Sequence[_Leg],
    used: set[str],
    hops: tuple[str, ...],
) -> tuple[Actor, ...]:
    actors = list[Actor]()
    own = {role.address for role in topology.balancers}
    backs = [leg for leg in legs if leg.responder not in CALLED]
    sources = [_initiator(traffic, leg.record) for leg in backs]
    addresses = [str(a) for a in sources if a in own]
    if any(leg.initiator == "client" for leg in legs):
        actors.append(Actor("client", "client", (str(_initiator(traffic, session.front)),)))
    if any(leg.responder in CALLED for leg in legs):
        addresses.insert(0, _service(traffic, session))
    ends = [name for leg in legs for name in (leg.initiator, leg.responder)]
    for name in CALLED:
        if name in ends:
            actors.append(Actor(name, "balancer", tuple(dict.fromkeys(addresses))))
    servers = {leg.responder: _responder_text(traffic, leg.record) for leg in backs}
    actors += [Actor(name, "server", (address,)) for name, address in servers.items()]
    if "gateway" in used:
        known = hops or tuple(str(a) for gateway in topology.gateways for a in gateway.addresses)
        actors.append(Actor("gateway", "gateway", known[:2]))
    return tuple(actors)


def _arrows(steps: Sequence[Step]) -> tuple[Arrow, ...]:
    start = min((step.time_ns for step in steps if step.time_ns >= 0), default=0)
    kept = list(steps)
    if len(kept) > MOST_ARROWS:
        kept = [*kept[: MOST_ARROWS - LAST_ARROWS], *kept[-LAST_ARROWS:]]
    return tuple(
        Arrow(
            number=number,
            source=step.source,
            destination=step.destination,
            label=step.label,
            frame=None if step.after else step.frame,
            offset_ns=None if step.after or step.time_ns < 0 else step.time_ns - start,
            seen=not step.after,
            note=step.note,
        )
        for number, step in enumerate(kept, 1)
    )


def _title(traffic: Traffic, session: Session) -> str:
    words = {"ok": "works", "failed": "fails", "degraded": "works only in part"}
    word = words.get(session.outcome, "cannot be judged")
    record = session.front if session.front >= 0 else session.backs[0].record
    return (
        f"Session {session.id} {word}: "
        f"{_initiator(traffic, record)} to {_responder_text(traffic, record)}"
    )


def _service(traffic: Traffic, session: Session) -> str:
    return _responder_text(traffic, session.front)


def _first_ns(traffic: Traffic, record: int) -> int:
    return int(traffic.flows["first_ns"][record])


def _initiator(traffic: Traffic, record: int) -> Address:
    flow = traffic.flows.records[record]
    return address_of(flow["address"][0], int(flow["ip_version"]))


def _responder(traffic: Traffic, record: int) -> Address:
    flow = traffic.flows.records[record]
    return address_of(flow["address"][1], int(flow["ip_version"]))


def _responder_text(traffic: Traffic, record: int) -> str:
    return endpoint(str(_responder(traffic, record)), int(traffic.flows["port"][record][1]))


def _ends_text(traffic: Traffic, record: int) -> str:
    source = endpoint(str(_initiator(traffic, record)), int(traffic.flows["port"][record][0]))
    return f"{source} > {_responder_text(traffic, record)}"
