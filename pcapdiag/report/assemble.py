"""Put the frozen Report together; every format is a function of it alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from pcapdiag import __version__
from pcapdiag.facts.addresses import mac_text
from pcapdiag.flows import keys
from pcapdiag.flows.result import CaptureFacts, Traffic
from pcapdiag.layers import link_types
from pcapdiag.read import Account
from pcapdiag.report.model import (
    CaptureLine,
    Clients,
    Endpoint,
    FrameCitation,
    GatewayLine,
    Limit,
    PartLine,
    Report,
    TopologyView,
)
from pcapdiag.report.pictures import pictures
from pcapdiag.report.session_lines import session_lines, troubled
from pcapdiag.report.tally import tally
from pcapdiag.report.verdict import verdict
from pcapdiag.sessions.model import Session, Sessions, columns_of
from pcapdiag.settings import Settings
from pcapdiag.topology.model import Role, Topology

if TYPE_CHECKING:
    from pcapdiag.rules import Judgement


def assemble(
    traffic: Traffic,
    topology: Topology,
    sessions: Sequence[Session],
    judgement: "Judgement",
    settings: Settings,
    unreadable: Sequence[Limit] = (),
) -> Report:
    """Return the report of one analysis; `unreadable` are limits about inputs that gave nothing."""
    names = shown_names([capture.name for capture in traffic.captures])
    shown = {c.name: (name, c.account) for c, name in zip(traffic.captures, names, strict=True)}
    files = [_whole(name, account) for name, account in shown.values()]
    findings = tuple(
        replace(finding, frames=_cited(finding.frames, shown)) for finding in judgement.findings
    )
    limits = (
        *unreadable,
        *(replace(limit, frames=_cited(limit.frames, shown)) for limit in judgement.limits),
    )
    everyone = columns_of(sessions)
    clients = everyone.at(np.flatnonzero(~everyone.health_check))
    lines = session_lines(clients, traffic.flows, files, findings)
    affected = lines.at(np.flatnonzero(troubled(clients, findings)))
    view = _topology_view(topology, _addresses(traffic, clients))
    points = dict(settings.points)
    captures = tuple(
        _capture_line(capture, name, points)
        for capture, name in zip(traffic.captures, files, strict=True)
    )
    return Report(
        verdict=verdict(findings, limits, tally(lines), view, captures),
        captures=captures,
        topology=view,
        sessions=lines,
        affected=affected,
        findings=findings,
        limits=limits,
        pictures=pictures(traffic, topology, clients, findings, files),
        not_judged=tuple(judgement.not_judged),
        listed=settings.sessions,
        tool={"name": "pcapdiag", "version": __version__},
    )


def shown_names(names: Sequence[str]) -> list[str]:
    """Return the shortest tail of each name that tells it from the others.

    A report must not depend on where the captures lie; two of the same name keep their folders.
    """
    parts = [PurePath(name).parts or (name,) for name in names]
    shown = []
    for number, own in enumerate(parts):
        others = [p for n, p in enumerate(parts) if n != number and p != own]
        length = 1
        while length < len(own) and any(own[-length:] == other[-length:] for other in others):
            length += 1
        shown.append(PurePath(*own[-length:]).as_posix())
    return shown


def timestamp(time_ns: int) -> str | None:
    """Return RFC 3339 text in UTC with nanoseconds; None when the time is not known (-1)."""
    if time_ns < 0:
        return None
    seconds, rest = divmod(time_ns, 1_000_000_000)
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError):
        # pcapng clocks count to 2^64 units of any size: such a time lies beyond year 9999.
        return None
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def _whole(name: str, account: Account) -> str:
    """Return how a capture is shown that may be kept in several files."""
    return f"{name} and {len(account.parts) - 1} more" if account.parts else name


def _cited(
    frames: Sequence[FrameCitation], shown: dict[str, tuple[str, Account]]
) -> tuple[FrameCitation, ...]:
    """Return the frames with shown names, each in the file of the capture that has it."""
    cited = []
    for frame in frames:
        if frame.file not in shown:
            cited.append(frame)
            continue
        name, account = shown[frame.file]
        part, number = account.place(frame.file, frame.number)
        if account.parts:
            name = PurePath(name).with_name(PurePath(part).name).as_posix()
        cited.append(replace(frame, file=name, number=number))
    return tuple(cited)


def _topology_view(topology: Topology, clients: int) -> TopologyView:
    return TopologyView(
        vips=_endpoints(topology.vips),
        balancers=_endpoints(topology.balancers),
        servers=_endpoints(topology.servers),
        gateways=tuple(
            GatewayLine(mac_text(gateway.mac), tuple(map(str, gateway.addresses)), gateway.reason)
            for gateway in topology.gateways
        ),
        clients=Clients(
            total=clients,
            on_link=len(topology.on_link),
            routed=len(topology.routed),
        ),
    )


def _addresses(traffic: Traffic, sessions: Sessions) -> int:
    """Count the addresses that the fronts came from."""
    front = sessions.front[sessions.front >= 0]
    version, address = traffic.flows["ip_version"][front], traffic.flows["address"][front, 0]
    return len(keys.firsts(version, *address.astype(np.int64).T))


def _endpoints(roles: Sequence[Role]) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(str(role.address), role.port, role.reason) for role in roles)


def _capture_line(capture: CaptureFacts, name: str, points: dict[str, str]) -> CaptureLine:
    account = capture.account
    snaplens = [interface.snaplen for interface in capture.interfaces]
    types = sorted({interface.link_type for interface in capture.interfaces})
    return CaptureLine(
        file=name,
        sha256=account.sha256,
        format=account.format,
        link_types=tuple(link_types.NAMES.get(number, str(number)) for number in types),
        packets=account.packets,
        bytes=account.bytes,
        first=timestamp(account.first_ns),
        last=timestamp(account.last_ns),
        # 0 is "no limit"; the smallest of the others is what may have cut a packet.
        snaplen=min((length for length in snaplens if length > 0), default=None),
        point=points.get(capture.name),
        parts=tuple(
            PartLine(PurePath(part.name).name, part.sha256, part.frames + 1)
            for part in account.parts
        ),
        woven=account.weave is not None,
    )
