"""The flow and event tables as the database sees them: views over the numpy arrays, nothing copied.

A view reads only the columns that a statement names.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pcapdiag.facts.addresses import Columns, Numbered, file_texts, mac_texts, words_of
from pcapdiag.facts.astray import astray_columns
from pcapdiag.facts.vocabulary import Column, Table, measured, table_named
from pcapdiag.flows.events import EVENT_KINDS, NEIGHBOR_KINDS
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import CLOSES, HANDSHAKES, TUNNELS

if TYPE_CHECKING:
    import duckdb


def publish(
    connection: "duckdb.DuckDBPyConnection", table: Table, columns: Columns, as_table: bool = False
) -> None:
    """Make a table of the vocabulary from numpy arrays; unknown becomes NULL."""
    connection.register(f"_{table.name}", columns)
    kind = "table" if as_table else "view"
    chosen = known(table.columns)
    connection.execute(f'create {kind} "{table.name}" as select {chosen} from "_{table.name}"')


def known(columns: Iterable[Column], alias: str = "") -> str:
    """Return a SELECT list that gives arrays their SQL types, and NULL for unknown."""
    return ", ".join(
        f"cast({_known(column.type, alias + chr(34) + column.name + chr(34))} as {column.type}) "
        f'as "{column.name}"'
        for column in columns
    )


def _known(type: str, name: str) -> str:
    if type == "VARCHAR":
        return f"nullif({name}, '')"
    if type == "BOOLEAN":
        return f"case {name} when 1 then true when 0 then false end"
    return f"nullif({name}, -1)"


def flow_columns(traffic: Traffic, numbered: Numbered) -> Columns:
    """Return the columns of `flow` and `hop`, one entry a record, and two that only choose rows."""
    flows = traffic.flows
    macs = mac_texts(flows["mac"])
    columns: Columns = {
        "record": np.arange(len(flows)),
        "file": file_texts(traffic, flows["file"]),
        "source": numbered.book.text(numbered.flow[:, 0]),
        "destination": numbered.book.text(numbered.flow[:, 1]),
        "source_port": flows["port"][:, 0],
        "destination_port": flows["port"][:, 1],
        "handshake": words_of(flows["handshake"], HANDSHAKES),
        "close": words_of(flows["close"], CLOSES),
        "tunnel": words_of(flows["tunnel"], TUNNELS),
        "mac_to_responder": macs.reshape(-1, 2, 2)[:, 0, 0],
        "mac_to_initiator": macs.reshape(-1, 2, 2)[:, 1, 0],
        "next_mac_to_responder": macs.reshape(-1, 2, 2)[:, 0, 1],
        "next_mac_to_initiator": macs.reshape(-1, 2, 2)[:, 1, 1],
        "sack_permitted_to_responder": flows["sack_permitted"][:, 0],
        "sack_permitted_to_initiator": flows["sack_permitted"][:, 1],
        "reused_ports": flows["reused_ports"],
        "places": places(flows),
        "ttl_span": ttl_span(flows),
        **astray_columns(traffic, numbered),
        "hop": flows["hop"],
        "_first_hop": flows["first_hop"],
    }
    for column, field, direction in measured():
        # An ICMP error quotes a packet, not the place where that was seen.
        values = flows[field][flows["whole"]] if field.startswith("icmp_") else flows[field]
        columns[column.name] = values if direction is None else values[:, direction]
    return columns


def places(flows: NDArray[Any]) -> NDArray[np.int64]:
    """Return at how many places on the path the connection of each record was seen."""
    hops = np.bincount(flows["whole"][flows["hop"] >= 0], minlength=len(flows))
    found: NDArray[np.int64] = np.maximum(hops, 1)[flows["whole"]].astype(np.int64)
    return found


def ttl_span(flows: NDArray[Any]) -> NDArray[np.int64]:
    """Return by how much TTLs to the responder differ in the whole connection; -1: not known."""
    low, high = flows["ttl_low"][:, 0], flows["ttl_high"][:, 0]
    span = np.where((low >= 0) & (high >= 0), high - low, -1)
    found: NDArray[np.int64] = span[flows["whole"]].astype(np.int64)
    return found


def register_flows(
    connection: "duckdb.DuckDBPyConnection", traffic: Traffic, numbered: Numbered
) -> None:
    """Make the arrays behind `flow`, `hop` and `back` known as `_flow`."""
    connection.register("_flow", flow_columns(traffic, numbered))


def publish_events(
    connection: "duckdb.DuckDBPyConnection", traffic: Traffic, numbered: Numbered
) -> None:
    """Make `event`, `neighbor` and `icmp`."""
    events = traffic.events
    publish(
        connection,
        table_named("event"),
        {
            "kind": words_of(events["kind"], EVENT_KINDS),
            "direction": words_of(events["direction"], ("to-responder", "to-initiator")),
            "file": file_texts(traffic, events["file"]),
        }
        | {name: events[name] for name in ("record", "frame", "time_ns", "payload", "seq", "ack")},
    )
    neighbors = traffic.neighbors
    frame_macs = mac_texts(neighbors["mac"]).reshape(-1, 2)
    publish(
        connection,
        table_named("neighbor"),
        {
            "kind": words_of(neighbors["kind"], NEIGHBOR_KINDS),
            "file": file_texts(traffic, neighbors["file"]),
            "sender": numbered.book.text(numbered.sender),
            "target": numbered.book.text(numbered.target),
            "sender_mac": mac_texts(neighbors["sender_mac"]),
            "target_mac": mac_texts(neighbors["target_mac"]),
            "mac": frame_macs[:, 0],
            "next_mac": frame_macs[:, 1],
        }
        | {name: neighbors[name] for name in ("frame", "time_ns", "vlan", "broadcast")},
    )
    icmp = traffic.icmp
    names = ("sender", "receiver", "gateway", "quoted_source", "quoted_destination")
    plain = ("frame", "time_ns", "ip_version", "type", "code", "mtu", "record")
    publish(
        connection,
        table_named("icmp"),
        {name: numbered.book.text(numbered.icmp[:, at]) for at, name in enumerate(names)}
        | {"file": file_texts(traffic, icmp["file"])}
        | {
            "quoted_source_port": icmp["quoted_port"][:, 0],
            "quoted_destination_port": icmp["quoted_port"][:, 1],
        }
        | {name: icmp[name] for name in plain},
    )
