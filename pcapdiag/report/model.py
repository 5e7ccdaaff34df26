"""The Report value: everything a format may show, nothing left to compute.

Field names and shapes are the JSON contract (docs/design.md section 9).  ``None`` is "not seen".
Addresses are text, ``*_ns`` integer nanoseconds, and pairs are (to responder, to initiator).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

SEVERITIES: Final = ("note", "warning", "error")
"""In rising order.  error: users notice; warning: they may; note: worth knowing."""

CERTAINTIES: Final = ("possible", "likely", "proved")
"""In rising order."""


@dataclass(frozen=True)
class Verdict:
    """The answer."""

    rule: str
    """Id of the leading finding, ``healthy`` or ``inconclusive``."""
    certainty: str | None
    """One of CERTAINTIES; None for healthy and inconclusive."""
    sentence: str


@dataclass(frozen=True)
class CaptureLine:
    """One input file."""

    file: str
    sha256: str
    format: str
    link_types: tuple[str, ...]
    packets: int
    bytes: int
    first: str | None
    """RFC 3339 with nanoseconds, UTC."""
    last: str | None
    snaplen: int | None
    point: str | None
    """balancer, client, server, router; None: not known."""
    clock_offset_ns: int | None = None
    parts: tuple["PartLine", ...] = ()
    """The files of a capture that is kept in several; empty: it is one file."""
    woven: bool = False
    """Their packets lie between each other by time; False: they follow each other, file after file."""


@dataclass(frozen=True)
class PartLine:
    """One of several files that were read as one capture."""

    file: str
    sha256: str
    first_frame: int
    """Number in the whole capture of the first frame of this file."""


@dataclass(frozen=True)
class Endpoint:
    """address:port with its role's reason."""

    address: str
    port: int | None
    reason: str = ""


@dataclass(frozen=True)
class GatewayLine:
    """A router as seen in the frames."""

    mac: str
    addresses: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True)
class Clients:
    """How many client addresses, and how they reach the balancer."""

    total: int
    on_link: int
    routed: int


@dataclass(frozen=True)
class TopologyView:
    """Who is who."""

    vips: tuple[Endpoint, ...]
    balancers: tuple[Endpoint, ...]
    servers: tuple[Endpoint, ...]
    gateways: tuple[GatewayLine, ...]
    clients: Clients


@dataclass(frozen=True, slots=True)
class Flow:
    """One leg of a session: FLOW of the contract."""

    file: str
    source: str
    source_port: int
    destination: str
    destination_port: int
    first_frame: int
    last_frame: int
    packets: tuple[int, int]
    bytes: tuple[int, int]
    handshake: str
    syn_count: int
    close: str
    community_id: str
    retransmissions: tuple[int, int]
    rtt_ns: int | None
    macs: tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session."""

    id: int
    front: Flow | None
    backs: tuple[Flow, ...]
    mode: str
    outcome: str
    rules: tuple[str, ...]
    confidence: float
    matched_by: tuple[str, ...]


@dataclass(frozen=True)
class Tally:
    """All sessions in numbers: what a verdict that no finding gives must know of them."""

    outcomes: Mapping[str, int]
    """Sessions by outcome, those that occur."""
    modes: Mapping[str, int]
    """Sessions with a back by mode, those that occur."""
    working: frozenset[str]
    """Modes of the sessions that ended well."""
    wrong: SessionLine | None
    """The first that did not."""
    services: int
    """Virtual services that clients asked for."""
    servers: int | None
    """Real servers that were asked; None: they cannot all be told apart."""
    alone: int
    """Sessions that ended well without a back."""


@dataclass(frozen=True)
class FrameCitation:
    """One frame that proves something."""

    file: str
    number: int
    note: str


@dataclass(frozen=True)
class Exclusion:
    """A hypothesis that was ruled out."""

    hypothesis: str
    why: str


@dataclass(frozen=True)
class Fix:
    """What to change; `product` is ``any`` or a product's id (kemp, f5, haproxy...)."""

    product: str
    """JSON name: ``for``."""
    text: str


@dataclass(frozen=True)
class NextCapture:
    """The capture that would settle what this one cannot."""

    where: str
    command: str
    why: str


@dataclass(frozen=True)
class Finding:
    """One rule that held."""

    rule: str
    severity: str
    scope: str
    subject: str
    title: str
    summary: str
    means: str
    certainty: str
    sessions: tuple[int, ...]
    affected: int
    of: int
    frames: tuple[FrameCitation, ...]
    facts: dict[str, Any]
    excluded: tuple[Exclusion, ...]
    fix: tuple[Fix, ...]
    next_capture: tuple[NextCapture, ...]
    wireshark_filter: str
    references: tuple[str, ...]
    answer_path: tuple[str, ...] = ()
    """Actors of the pictures that a server's unseen answer passes; empty: nobody knows."""


UNREADABLE: Final = "capture-unreadable"
"""Id of the limit for an input that gave nothing."""


@dataclass(frozen=True)
class Limit:
    """Something that could not be judged, and why."""

    id: str
    summary: str
    frames: tuple[FrameCitation, ...] = ()
    blinds: bool = False
    """It hides so much that "healthy" would be a guess."""


@dataclass(frozen=True)
class Arrow:
    """One packet in a picture or ladder, in the order of the packets."""

    number: int
    """Counts from 1 within its picture."""
    source: str
    """Name of the actor it leaves: one of the picture's actors."""
    destination: str
    label: str
    """What it is: ``SYN``, ``SYN-ACK``, ``220 mail ESMTP``..."""
    frame: int | None
    """None: expected, but not seen in the capture."""
    offset_ns: int | None
    """After the session's first packet."""
    seen: bool = True
    """False: drawn dashed, an arrow that is missing or only inferred."""
    note: str = ""


@dataclass(frozen=True)
class Actor:
    """One party of a picture."""

    name: str
    role: str
    """client, balancer, server, gateway."""
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """Who talks to whom in one session: the same arrows make the drawing and the ladder."""

    title: str
    session: int
    works: bool
    actors: tuple[Actor, ...]
    arrows: tuple[Arrow, ...]


@dataclass(frozen=True)
class Report:
    """The whole answer for one analysis."""

    verdict: Verdict
    captures: tuple[CaptureLine, ...]
    topology: TopologyView
    sessions: Sequence[SessionLine]
    findings: tuple[Finding, ...]
    limits: tuple[Limit, ...]
    pictures: tuple[Picture, ...] = ()
    """First a failing session, then a working one, where the capture has them."""
    not_judged: tuple[tuple[str, str], ...] = ()
    """(rule id, what the capture would have to show)."""
    affected: Sequence[SessionLine] = ()
    """Those of `sessions` that did not end well or that a warning or an error names."""
    listed: str = "affected"
    """Which sessions the text formats list: all, affected or none."""
    tool: dict[str, str] = field(default_factory=dict)
    """``{"name": "pcapdiag", "version": ...}``"""
