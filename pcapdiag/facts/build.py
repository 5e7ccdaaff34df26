"""From the traffic, its topology and sessions to the tables that rules and queries read."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pcapdiag.facts import database
from pcapdiag.facts.addresses import Numbered, number_addresses
from pcapdiag.facts.arrivals import arrival_columns
from pcapdiag.facts.asked import client_asked, question_columns
from pcapdiag.facts.backs import Backs, back_columns, backs_of
from pcapdiag.facts.captures import capture_columns
from pcapdiag.facts.endpoints import real_servers, services
from pcapdiag.facts.f5 import f5_columns
from pcapdiag.facts.f5_capture import f5_capture_columns
from pcapdiag.facts.fronts import Fronts, fronts_of
from pcapdiag.facts.hosts import host_columns
from pcapdiag.facts.nstrace import nstrace_columns
from pcapdiag.facts.one_side import one_side_columns
from pcapdiag.facts.others import others_columns
from pcapdiag.facts.questions import questions
from pcapdiag.facts.raw import event_source, flow_source, icmp_source, neighbor_source
from pcapdiag.facts.roles import roles_of
from pcapdiag.facts.servers import server_columns
from pcapdiag.facts.session_ends import ended_columns
from pcapdiag.facts.sessions import session_columns
from pcapdiag.facts.silent import silent_columns
from pcapdiag.facts.source import Deferred, Source, of_columns
from pcapdiag.facts.tables import Rows, Tables
from pcapdiag.facts.toa import toa_columns
from pcapdiag.facts.vips import vip_columns
from pcapdiag.flows.legs import Ints
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import WHOLE
from pcapdiag.sessions.model import Session
from pcapdiag.settings import Settings
from pcapdiag.topology.model import Topology

if TYPE_CHECKING:
    from concurrent.futures import Future

    from duckdb import DuckDBPyConnection


def build(
    traffic: Traffic,
    topology: Topology,
    sessions: Sequence[Session],
    settings: Settings,
    opened: "Future[DuckDBPyConnection] | None" = None,
) -> Tables:
    """Return the tables of one analysis; `opened`: the database that they are for, else a new one."""
    numbered = number_addresses(traffic)
    roles = roles_of(topology, numbered)
    fronts = fronts_of(sessions, traffic, numbered)
    backs = backs_of(sessions, fronts, traffic, numbered, topology)
    asked = questions(traffic, numbered, fronts, backs, roles)
    vips, servers = services(fronts), real_servers(topology, numbered.book, backs)
    session = session_columns(traffic, numbered, fronts, backs, roles)
    session |= silent_columns(traffic, numbered, topology, fronts, backs, roles)
    session |= ended_columns(traffic, fronts, backs)
    beside = client_asked(traffic, numbered, backs, asked)
    beside |= arrival_columns(traffic, numbered, backs, settings)
    columns = {
        "session": session,
        "vip": vip_columns(traffic, numbered, vips, servers, fronts, backs, asked, roles)
        | one_side_columns(traffic, numbered, vips, fronts, backs, settings),
        "server": server_columns(traffic, numbered, servers, fronts, backs, asked),
        "host": host_columns(traffic, numbered, fronts, roles),
        "question": question_columns(traffic, numbered, asked),
        "capture": capture_columns(traffic, fronts, backs, settings)
        | others_columns(traffic, numbered, fronts, backs, (vips, servers), roles, topology.scans),
    }
    own = of_columns(back_columns(fronts, backs, beside))
    owner, back = _pairs(fronts, backs)
    rows = Rows(
        session=owner,
        front=fronts.record[owner],
        back=back,
        vip=vips.find(fronts.vip, fronts.port)[owner],
        server=_of_back(servers.find(backs.server, backs.port), back),
        capture=fronts.file[owner],
        client=fronts.client[owner],
    )
    connection = opened.result() if opened else database.connect()
    database.lock(connection)
    named = {name: of_columns(made) for name, made in columns.items()}
    return Tables(
        connection, traffic, numbered.book, named | _wide(traffic, numbered, own, backs), rows
    )


def _wide(traffic: Traffic, numbered: Numbered, own: Source, backs: Backs) -> dict[str, Source]:
    """Return the tables that are made of the pass over the packets, column by column on demand."""
    flows = traffic.flows
    records = flow_source(traffic, numbered)
    places = (flows["hop"] != WHOLE) | (flows["first_hop"] < 0)
    return {
        "record": records,
        "flow": records.gather(np.flatnonzero(flows["hop"] == WHOLE)),
        "hop": records.gather(np.flatnonzero(places)),
        "back": records.gather(backs.record).beside(own),
        "event": event_source(traffic),
        "neighbor": neighbor_source(traffic, numbered),
        "icmp": icmp_source(traffic, numbered),
        # Its frames are read once more, which no rule asks for.
        "f5": Deferred(lambda: f5_columns(traffic)),
        "f5_capture": Deferred(lambda: f5_capture_columns(traffic)),
        "nstrace": Deferred(lambda: nstrace_columns(traffic)),
        "toa": Deferred(lambda: toa_columns(traffic)),
    }


def _pairs(fronts: Fronts, backs: Backs) -> tuple[Ints, Ints]:
    """Return (session, back) positions: one pair a back, and (session, -1) for sessions without one."""
    alone = np.flatnonzero(np.bincount(backs.owner, minlength=len(fronts.id)) == 0)
    owner = np.concatenate([backs.owner, alone])
    back = np.concatenate([np.arange(len(backs.owner)), np.full(len(alone), -1)])
    order = np.argsort(owner, kind="stable")
    return owner[order].astype(np.int64), back[order].astype(np.int64)


def _of_back(values: Ints, back: Ints) -> Ints:
    found = np.full(len(back), -1, np.int64)
    found[back >= 0] = values[back[back >= 0]]
    return found
