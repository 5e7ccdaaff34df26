"""The tables have exactly the columns that the vocabulary declares."""

import re
from pathlib import Path

import numpy as np
import pytest

from pcapdiag.facts import TABLES, Table, build
from pcapdiag.facts.connections import CONTRACT, DIRECTIONS
from pcapdiag.flows.result import Traffic
from pcapdiag.flows.table import COLUMNS, FLOW, FlowTable
from pcapdiag.settings import Settings
from pcapdiag.topology.model import Topology
from tests.rules.story import REMOTE, SERVED, Story, back
from tests.rules.test_stories import the_story


def by_name(table: Table) -> str:
    return table.name


@pytest.mark.parametrize("table", TABLES, ids=by_name)
def test_columns_are_those_declared(table: Table) -> None:
    answer = the_story().tables().query(f'select * from "{table.name}"')
    assert answer.columns == tuple(column.name for column in table.columns)
    assert answer.types == tuple(column.type for column in table.columns)


@pytest.mark.parametrize("table", TABLES, ids=by_name)
def test_no_traffic_gives_empty_tables(table: Table) -> None:
    made = the_story().traffic()
    empty = Traffic(
        FlowTable(made.flows.records[:0]), made.events[:0], made.neighbors[:0], made.icmp[:0], ()
    )
    nobody = Topology((), (), (), (), frozenset(), frozenset(), frozenset(), frozenset())
    tables = build(empty, nobody, [], Settings())
    assert tables.query(f'select * from "{table.name}"').rows == []


@pytest.mark.parametrize("table", TABLES, ids=by_name)
def test_every_column_has_a_meaning_and_its_own_name(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    assert all(len(column.meaning) > 3 for column in table.columns)


def test_flow_table_begins_with_the_contract_for_scripts() -> None:
    names = tuple(column.name for column in TABLES[0].columns)
    assert TABLES[0].name == "flow"
    assert names[: len(CONTRACT)] == CONTRACT
    # Word by word, as docs/design.md promises it.
    promised = (Path(__file__).parents[2] / "docs" / "design.md").read_text(encoding="utf-8")
    listed = re.findall(
        r"`([a-z][a-z_, ]*)`", promised.partition("Table `flow`, one row a flow")[2]
    )
    single, *both = ([name.strip() for name in text.strip(" ,").split(",")] for text in listed)
    ways = [f"{n}_{way}" for names in both for n in names for way in DIRECTIONS]
    assert (*single, *ways) == CONTRACT


@pytest.mark.parametrize("statement", ["show tables", " SHOW ALL TABLES;\n"])
def test_all_tables_are_shown(statement: str) -> None:
    answer = the_story().tables().query(statement)
    assert [row[0] for row in answer.rows] == [table.name for table in TABLES]


def test_unknown_is_null_in_every_measured_column() -> None:
    story = Story().session(REMOTE, back(), **SERVED)
    traffic = story.traffic()
    known = {"file", "flow", "hop", "first_hop", "whole", "ip_version", "address", "port"}
    for column in COLUMNS:
        if column.name not in known:
            signed = FLOW[column.name].base.kind == "i"
            traffic.flows.records[column.name] = -1 if signed else 0
    tables = build(traffic, story.topology(), story.sessions, Settings())
    kept = {"record", "file", "flow", "ip_version", "source", "destination", "places"}
    kept |= {"source_port", "destination_port"}
    answer = tables.query("from flow")
    for name, value in zip(answer.columns, answer.rows[0], strict=True):
        assert name in kept or value is None, name


def test_hops_and_wholes_are_told_apart() -> None:
    story = Story().session(REMOTE, back(), **SERVED)
    traffic = story.traffic()
    hop = traffic.flows.records[:1].copy()
    hop["hop"], hop["whole"], hop["first_hop"] = 0, 0, -1
    traffic.flows.records["first_hop"][0] = 2
    flows = FlowTable(np.concatenate([traffic.flows.records, hop]))
    moved = Traffic(flows, traffic.events, traffic.neighbors, traffic.icmp, traffic.captures)
    tables = build(moved, story.topology(), story.sessions, Settings())
    assert tables.query("select record from flow order by 1").rows == [(0,), (1,)]
    assert tables.query("select record, hop from hop order by 1").rows == [(1, None), (2, 0)]
