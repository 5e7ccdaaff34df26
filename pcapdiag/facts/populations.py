"""The tables `server` and `vip`: how the same server or service treats different kinds of sources."""

from typing import TYPE_CHECKING

import numpy as np

from pcapdiag.facts.addresses import AddressBook, Columns, Numbered
from pcapdiag.facts.sessions import CLIENT, Backs, Fronts, Roles, decisive
from pcapdiag.facts.vocabulary import Table, table_named
from pcapdiag.flows.legs import Bools, Ints
from pcapdiag.topology.model import Topology

if TYPE_CHECKING:
    import duckdb

_RESULTS = ("answered", "refused", "unanswered")

_ASKED = """
    select server, target, file, frame, record, after_ns, chance, role from question
    where frame is not null
    qualify row_number() over (partition by server, role order by chance, file, frame) = 1
"""


def _attempts(kind: str, condition: str) -> str:
    results = ", ".join(
        f"count(*) filter ({condition} and result = '{word}') as {kind}_{word}" for word in _RESULTS
    )
    return f"count(*) filter ({condition}) as {kind}_sourced, {results}"


def _asked(role: str, alias: str) -> str:
    return (
        f"{alias}.target as {role}_asked, {alias}.file as {role}_asked_file, "
        f"{alias}.frame as {role}_asked_frame, {alias}.record as {role}_asked_record, "
        f"{alias}.after_ns as {role}_asked_after_ns, {alias}.chance as {role}_asked_chance"
    )


_SERVER = f"""
with asked as ({_ASKED}),
attempt as (
    select b.*, s.health_check, s.outcome, s.client, s.front is not null as of_client
    from _attempt b join session s on s.id = b.session
),
tally as (
    select server as address, server_port as port,
        count(distinct session) filter (of_client) as sessions,
        count(distinct session) filter (of_client and outcome = 'ok') as sessions_ok,
        count(distinct session) filter (of_client and outcome = 'failed') as sessions_failed,
        {_attempts("balancer", "source_kind = 'balancer'")},
        {_attempts("client", "source_kind = 'client'")},
        {_attempts("health_check", "health_check")},
        count(*) filter (served) as served,
        max(nullif(acked_payload, -1)) as acked_payload,
        count(distinct client) filter (result = 'refused') as clients_refused,
        count(*) filter (answer_astray) as answers_astray
    from attempt where server is not null group by all
)
select known.address, known.port, tally.* exclude (address, port),
    {_asked("other", "o")}, {_asked("balancer", "b")}, {_asked("client", "c")}
from _server known
left join tally on tally.address = known.address and tally.port is not distinct from known.port
left join asked o on o.server = known.address and o.role = 'other'
left join asked b on b.server = known.address and b.role = 'balancer'
left join asked c on c.server = known.address and c.role = 'client'
"""

_VIP = f"""
with attempt as (
    select s.vip, s.vip_port, b.server, b.server_port,
        count(*) filter (b.result = 'answered') as answered, count(*) as given
    from _attempt b join session s on s.id = b.session
    where s.vip is not null and b.server is not null group by all
),
pool as (
    select vip, vip_port, count(*) as servers,
        count(*) filter (answered = 0) as servers_failing
    from attempt group by all
),
asked as (
    select a.vip, a.vip_port, q.*
    from attempt a join ({_ASKED}) q on q.server = a.server and q.role = 'other'
    qualify row_number() over (partition by a.vip, a.vip_port order by chance, file, frame) = 1
),
checked as (
    select server, server_port,
        health_check_sourced - health_check_answered as failed, health_check_answered as ok
    from (select address as server, port as server_port, * from server)
),
checks as (
    -- Health checks name no VIP: those of servers that no VIP is known for count for all.
    select v.address as vip, v.port as vip_port, sum(c.failed) as failed, sum(c.ok) as ok
    from _vip v join checked c on exists (
        select 1 from attempt a
        where a.vip = v.address and a.vip_port = v.port
            and a.server = c.server and a.server_port = c.server_port
    ) or not exists (
        select 1 from attempt a where a.server = c.server and a.server_port = c.server_port
    )
    group by all
),
kinds as (
    select *, mode in ('snat', 'full-nat') as is_snat,
        mode in ('transparent', 'dnat') as is_kept
    from session where vip is not null
),
tally as (
    select vip as address, vip_port as port,
        count(*) as sessions,
        count(*) filter (outcome = 'ok') as sessions_ok,
        count(*) filter (outcome = 'failed') as sessions_failed,
        count(*) filter (outcome = 'degraded') as sessions_degraded,
        count(*) filter (outcome = 'undetermined') as sessions_undetermined,
        count(*) filter (back_count = 0) as without_back,
        count(*) filter (back_count = 0 and front_served) as answered_alone,
        count(*) filter (front_handshake = 'refused') as front_refused,
        count(*) filter (front_handshake = 'unanswered') as front_unanswered,
        count(*) filter (front_handshake = 'complete') as front_complete,
        count(*) filter (is_snat) as snat,
        count(*) filter (is_snat and outcome = 'ok') as snat_ok,
        count(*) filter (is_snat and outcome = 'failed') as snat_failed,
        count(*) filter (is_kept) as kept,
        count(*) filter (is_kept and outcome = 'ok') as kept_ok,
        count(*) filter (is_kept and outcome = 'failed') as kept_failed
    from kinds group by all
)
select v.*, tally.* exclude (address, port), p.servers, p.servers_failing,
    {_asked("other", "q")}, q.server as other_asked_by,
    k.failed as health_checks_failed, k.ok as health_checks_ok
from _vip v
join tally on tally.address = v.address and tally.port = v.port
left join pool p on p.vip = v.address and p.vip_port = v.port
left join asked q on q.vip = v.address and q.vip_port = v.port
left join checks k on k.vip = v.address and k.vip_port = v.port
"""


def publish_populations(
    connection: "duckdb.DuckDBPyConnection",
    topology: Topology,
    numbered: Numbered,
    fronts: Fronts,
    backs: Backs,
    roles: Roles,
) -> None:
    """Make `server` and `vip`; needs `session`, `question` and `_attempt`."""
    connection.register("_server", _server_columns(topology, numbered.book, backs))
    connection.register("_vip", _networks(numbered.book, fronts, backs, roles))
    for name, statement in (("server", _SERVER), ("vip", _VIP)):
        table = table_named(name)
        connection.execute(
            f'create table "{name}" as select {_typed(table)} from ({statement}) order by 1, 2'
        )


def _typed(table: Table) -> str:
    return ", ".join(f'cast("{c.name}" as {c.type}) as "{c.name}"' for c in table.columns)


def _server_columns(topology: Topology, book: AddressBook, backs: Backs) -> Columns:
    """Return every real server: those of the topology, and those that took backs."""
    rows = {
        (book.number(role.address), role.port if role.port is not None else -1)
        for role in topology.servers
    }
    seen = np.unique(np.column_stack([backs.server, backs.port]), axis=0)
    rows |= {(number, port) for number, port in seen.tolist()}
    # A server named without a port is not one more server beside its ports.
    with_port = {number for number, port in rows if port >= 0}
    known = sorted(
        (number, port)
        for number, port in rows
        if number >= 0 and (port >= 0 or number not in with_port)
    )
    return {
        "address": book.text(np.array([number for number, _ in known], np.int64)),
        "port": np.array([port for _, port in known], np.int64),
    }


def _networks(book: AddressBook, fronts: Fronts, backs: Backs, roles: Roles) -> Columns:
    """Return per virtual service the networks of its SNATed and its kept clients."""
    main = decisive(fronts, backs)
    kind = np.full(len(fronts.id), -1, np.int64)
    has_back = main >= 0
    kind[has_back] = backs.source_kind[main[has_back]]
    kept = has_back & (kind == CLIENT) & (fronts.mode != "dsr")
    snat = has_back & np.isin(fronts.mode, ["snat", "full-nat"])
    services = np.unique(np.column_stack([fronts.vip, fronts.port])[fronts.vip >= 0], axis=0)
    columns: dict[str, list[str | int]] = {
        name: []
        for name in (
            "address", "port", "snat_network", "kept_network", "snat_clients", "kept_clients",
            "kept_inside_snat", "local_network", "kept_inside_local", "in_both", "snat_on_link",
            "kept_on_link",
        )
    }  # fmt: skip
    for vip, port in services.tolist():
        mine = (fronts.vip == vip) & (fronts.port == port)
        with_snat, with_kept = (_clients(fronts, mine & chosen) for chosen in (snat, kept))
        sources = backs.source[main[mine & snat]]
        local = np.unique(np.concatenate([with_snat, sources]))
        row = {
            "address": str(book.addresses[vip]),
            "port": port,
            "snat_network": _network(book, with_snat),
            "kept_network": _network(book, with_kept),
            "snat_clients": len(with_snat),
            "kept_clients": len(with_kept),
            "kept_inside_snat": _inside(book, with_snat, with_kept),
            "local_network": _network(book, local),
            "kept_inside_local": _inside(book, local, with_kept),
            "in_both": len(np.intersect1d(with_snat, with_kept)),
            "snat_on_link": int(np.isin(with_snat, roles.on_link).sum()),
            "kept_on_link": int(np.isin(with_kept, roles.on_link).sum()),
        }
        for name, value in row.items():
            columns[name].append(value)
    text = {"address", "snat_network", "kept_network", "local_network"}
    return {
        name: np.array(values, object if name in text else np.int64)
        for name, values in columns.items()
    }


def _clients(fronts: Fronts, chosen: Bools) -> Ints:
    clients: Ints = np.unique(fronts.client[chosen & (fronts.client >= 0)])
    return clients


def _network(book: AddressBook, clients: Ints) -> str:
    if not len(clients):
        return ""
    network = book.network(int(clients[0]), int(clients[-1]))
    return "" if network is None else str(network)


def _inside(book: AddressBook, snat: Ints, kept: Ints) -> int:
    """Count the kept clients that lie within the network of the SNATed ones."""
    network = book.network(int(snat[0]), int(snat[-1])) if len(snat) else None
    if network is None:
        return 0
    first, end = book.inside(network)
    return int(((kept >= first) & (kept < end)).sum())


def publish_attempts(
    connection: "duckdb.DuckDBPyConnection", numbered: Numbered, backs: Backs, columns: Columns
) -> None:
    """Make `_own`, what is in `back` and not in `hop`, and `_attempt`, what the tables above count."""
    text = {"server": numbered.book.text(backs.server), "server_port": backs.port}
    connection.register("_own", columns | text)
    connection.execute(
        "create table _attempt as select b.session, b.record, nullif(b.server, '') as server, "
        "nullif(b.server_port, -1) as server_port, nullif(b.source_kind, '') as source_kind, "
        "nullif(b.result, '') as result, b.served = 1 as served, f.answer_astray = 1 as answer_astray, "
        "f.largest_acked_payload_to_responder as acked_payload "
        "from _own b join _flow f on f.record = b.record"
    )
